import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql as raw } from 'kysely'
import { startTestPglite, type TestSql } from '../../../harness/sql'
import { TYPESCRIPT } from '../../../harness/typescript'
import { addDays } from '../../../server/domain/business-date'
import { commitment } from '../../../server/domain/deck'
import type { Operator } from '../../../server/domain/operator'
import type { Operators } from '../../../server/flow/ports'
import type { DeckView, OperatorDeckView } from '../../../server/http/contract'
import { sqlAgreements } from '../../../server/store/sql/agreement/agreements'
import { sqlDecks } from '../../../server/store/sql/deck/decks'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { CAMPAIGN, httpDepsOf, MERCHANT, serveApp, startFlow, TODAY } from '../../support/flow'

const PATH = `/api/decks/street/M0001/${TODAY}`
const ADMIN_PATH = `/admin/campaigns/street/decks/M0001/${TODAY}`
const VERIFY = resolve(__dirname, '../../../scripts/verify-deck.ts')

function verifyDeck(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [VERIFY, ...args], { env: { ...process.env, ...TYPESCRIPT } }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

/** Decks as anyone and as operators see them, over HTTP, on an SQL ledger and a clock that the test moves. */
describe('a deck over HTTP', () => {
  let engine: TestSql
  let sql: Sql
  let flow: ReturnType<typeof startFlow>
  let app: Awaited<ReturnType<typeof serveApp>>
  let operator: Operator
  let token: string
  const folder = mkdtempSync(join(tmpdir(), 'fapai-deck-'))

  beforeAll(async () => {
    engine = await startTestPglite()
  }, 300_000)
  afterAll(async () => {
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    await seedFoodStreet(sql, { merchants: [MERCHANT], campaigns: [CAMPAIGN] })
    flow = startFlow()
    const stores = {
      ledger: sqlLedger(sql),
      decks: sqlDecks(sql),
      agreements: sqlAgreements(sql),
      catalog: sqlCatalog(sql),
    }
    Object.assign(flow.deps, stores)
    operator = { username: 'viewer', name: '查看', roles: ['viewer'], branchCode: null }
    const operators = { session: async () => ({ operator, mustChangePassword: false }) } as unknown as Operators
    const deps = { ...httpDepsOf(flow), ...stores, operators }
    token = deps.tokens.issue({ kind: 'operator', sessionId: 's1' }, flow.clock.at, 3 * 86_400_000).token
    app = await serveApp(deps)
  })
  afterEach(() => app.stop())

  async function get<T>(path: string, auth?: string): Promise<{ status: number; body: T }> {
    const reply = await fetch(app.url + path, { headers: auth ? { Authorization: `Bearer ${auth}` } : {} })
    return { status: reply.status, body: (await reply.json()) as T }
  }
  /** A lease after midnight: every quote of the day has ended. */
  const afterTheDay = () => {
    flow.clock.at = Date.parse(`${addDays(TODAY, 1)}T00:02:10+08:00`)
  }
  const cliArgs = () => ['--campaign', 'street', '--merchant', 'M0001', '--date', TODAY, '--url', app.url]

  it('shows its commitment while the day runs and a lease longer, or the clock is doubtful, and then seed and amounts', async () => {
    await flow.quote('p1')
    const before = await get<DeckView>(PATH)
    expect(before).toMatchObject({
      status: 200,
      body: { seed: null, amountsFen: null, version: 1, rule: { slots: 5 } },
    })
    afterTheDay()
    flow.clock.doubtful = true
    expect((await get<DeckView>(PATH)).body).toMatchObject({ seed: null, amountsFen: null })
    flow.clock.doubtful = false
    flow.clock.at--
    expect((await get<DeckView>(PATH)).body).toEqual(before.body)
    flow.clock.at++
    const { body } = await get<DeckView>(PATH)
    expect(body.amountsFen).toEqual((await flow.deps.ledger.deck(flow.deck('street')))?.amountsFen ?? body.amountsFen)
    expect(commitment(Buffer.from(body.seed!, 'hex'))).toBe(before.body.commitment)
    expect(Date.parse(body.revealedAt)).toBe(flow.clock.at)
  })

  it('is not there before it is dealt, nor for another merchant, campaign or date', async () => {
    for (const path of [PATH, '/api/decks/street/M9/2026-11-21', '/api/decks/x/M0001/2026-11-21'])
      expect(await get(path)).toMatchObject({ status: 404, body: { code: 'deck-not-found' } })
    expect(await get('/api/decks/street/M0001/2026-02-30')).toMatchObject({ status: 400, body: { field: 'date' } })
  })

  it('hides from operators too what nobody has drawn yet, until the day is over', async () => {
    const order = await flow.order(await flow.quote('p1'))
    const { body } = await get<OperatorDeckView>(ADMIN_PATH, token)
    const hidden = { state: 'free', amountFen: null, orderNo: null }
    expect(body).toMatchObject({ wantedSlots: 5, seed: null })
    expect(body.slots).toEqual([
      { slot: 0, state: 'used', amountFen: order.figures.discountFen, orderNo: order.orderNo },
      ...[1, 2, 3, 4].map((slot) => ({ slot, ...hidden })),
    ])
    expect(JSON.stringify(body)).not.toContain('amountsFen')
    afterTheDay()
    const after = (await get<OperatorDeckView>(ADMIN_PATH, token)).body
    expect(after.slots.every((slot) => slot.amountFen !== null)).toBe(true)
    expect(after.seed).toHaveLength(64)
  })

  it('does not show an order of unknown outcome as used', async () => {
    flow.channel.next('pay', { kind: 'lose-reply' })
    const order = await flow.order(await flow.quote('p1'))
    const { body } = await get<OperatorDeckView>(ADMIN_PATH, token)
    expect(body.slots[0]).toEqual({ slot: 0, state: 'held', amountFen: null, orderNo: order.orderNo })
  })

  it('is nothing for an operator of another branch, and needs an operator at all', async () => {
    await flow.quote('p1')
    operator.branchCode = 'B02'
    expect(await get(ADMIN_PATH, token)).toMatchObject({ status: 404, body: { code: 'deck-not-found' } })
    operator.branchCode = MERCHANT.branchCode
    expect((await get(ADMIN_PATH, token)).status).toBe(200)
    expect((await get(ADMIN_PATH)).status).toBe(401)
  })

  it('that was changed in the ledger fails verification, which says where: API and npm run verify-deck', async () => {
    await flow.quote('p1')
    const [waiting, none] = [await verifyDeck(...cliArgs()), await verifyDeck(...cliArgs().with(3, 'M0009'))]
    expect(waiting).toMatchObject({ code: 2, stderr: expect.stringContaining('are revealed at') })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('answers 404') })

    afterTheDay()
    const honest = (await get<DeckView>(PATH)).body
    const good = await verifyDeck(...cliArgs())
    expect(good).toMatchObject({ code: 0, stderr: '' })
    expect(good.stdout).toContain('✓ all 5 cards are those that the seed deals\n')
    expect(good.stdout).toMatch(/✓ \d of 5 cards in the band ¥7–9, 4 are promised\n.*\nThe deck holds\.\n$/)

    await raw`update decks set amounts_fen[3] = 1000`.execute(sql.db)
    expect((await get<DeckView>(PATH)).body.amountsFen![2]).toBe(1_000)
    const bad = await verifyDeck(...cliArgs())
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain("✗ 1 cards aren't those that the seed deals\n")
    expect(bad.stdout).toMatch(
      new RegExp(`slot 3: is ¥10 \\(1000 fen\\), should be ¥.+ \\(${honest.amountsFen![2]} fen\\)`),
    )

    const file = join(folder, 'deck.json')
    writeFileSync(file, JSON.stringify({ ...honest, commitment: '0'.repeat(64) }))
    const forged = await verifyDeck('--file', file)
    expect(forged).toMatchObject({ code: 1, stdout: expect.stringContaining('✗ SHA-256 of the seed') })
    writeFileSync(file, JSON.stringify({ ...honest, rule: { ...honest.rule, bandMinFen: 950 } }))
    expect(await verifyDeck('--file', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no deck can be'),
    })
  }, 300_000)
})

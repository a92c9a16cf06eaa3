import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as raw } from 'kysely'
import { runCommand } from '../../../harness/command'
import { startOneSql, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { commitment, deal } from '../../../server/domain/deck'
import { commitToSecret } from '../../../server/domain/deck-proof'
import type { Operator } from '../../../server/domain/operator'
import { closeDecks } from '../../../server/flow/deck/close-decks'
import type { Operators } from '../../../server/flow/ports'
import type { CampaignSecretView, DeckCheckView, DeckView, OperatorDeckView } from '../../../server/http/contract'
import { presentOrder } from '../../../server/http/present/payer'
import { sqlAgreements } from '../../../server/store/sql/agreement/agreements'
import { sqlDecks } from '../../../server/store/sql/deck/decks'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { CAMPAIGN, httpDepsOf, MERCHANT, serveApp, startFlow, TODAY } from '../../support/flow'

const PATH = `/api/decks/street/M0001/${TODAY}`
const ADMIN_PATH = `/admin/campaigns/street/decks/M0001/${TODAY}`
const verifyDeck = (...args: string[]) => runCommand('verify-deck', args, {})

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
    engine = await startOneSql()
  })
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
  async function check(body: unknown): Promise<{ status: number; body: DeckCheckView }> {
    const headers = { 'Content-Type': 'application/json' }
    const reply = await fetch(`${app.url}/api/decks/check`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: reply.status, body: (await reply.json()) as DeckCheckView }
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
    expect(body.amountsFen).toEqual(await flow.cards({ ...flow.deck('street'), businessDate: TODAY }))
    expect(body.commitment).toBe(before.body.commitment)
    expect(await check({ deck: body })).toMatchObject({ status: 200, body: { holds: true, committed: true } })
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

  it('proves a payer’s own card after the day by their receipt, and opens to nothing else: API and npm run verify-deck', async () => {
    const quoted = await flow.quote('p1')
    const order = await flow.order(quoted)
    const receipt = presentOrder(
      { order: { ...order, refunded: {} as never }, merchant: undefined, agreement: undefined },
      0,
    )
    const { commitment: told } = (await get<DeckView>(PATH)).body
    expect(quoted.card).toMatchObject({ commitment: told })
    expect(receipt.card).toEqual({ campaignId: 'street', businessDate: TODAY, slotNumber: 1, commitment: told })

    afterTheDay()
    const deck = (await get<DeckView>(PATH)).body
    const mine = { commitment: told, slotNumber: 1, discountFen: order.figures.discountFen }
    expect((await check({ deck, receipt: mine })).body).toMatchObject({
      holds: true,
      receipt: { sameDeck: true, sameCard: true },
    })
    const another = { ...mine, discountFen: mine.discountFen + 1 }
    expect((await check({ deck, receipt: another })).body).toMatchObject({ holds: false, receipt: { sameCard: false } })
    const files = { deck: join(folder, 'honest.json'), receipt: join(folder, 'receipt.json') }
    writeFileSync(files.receipt, JSON.stringify(receipt))
    const held = await verifyDeck(...cliArgs(), '--receipt', files.receipt)
    expect(held).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ its card, number 1, is ¥') })

    // one commitment, three forged openings
    const dealt = (rule: DeckView['rule']) => ({ rule, amountsFen: deal(rule, Buffer.from(deck.seed!, 'hex')) })
    const forgeries = [
      dealt({ ...deck.rule, slots: 4 }),
      dealt({ ...deck.rule, bandMinFen: deck.rule.bandMinFen - 100 }),
      { merchantCode: 'M0002' },
    ]
    for (const forged of forgeries) {
      const { status, body } = await check({ deck: { ...deck, ...forged } })
      expect({ status, ...body }).toMatchObject({ status: 200, holds: false, committed: false, differing: [] })
      writeFileSync(files.deck, JSON.stringify({ ...deck, ...forged }))
      expect((await verifyDeck('--file', files.deck)).code).toBe(1)
    }
    const faulty = await check({ deck: { ...deck, rule: { ...deck.rule, bandMinFen: 950 } } })
    expect(faulty).toMatchObject({ status: 422, body: { code: 'campaign-faulty', field: 'deck.rule.bandMaxFen' } })
    expect(await check({ deck: { ...deck, seed: 'x' } })).toMatchObject({ status: 400, body: { field: 'deck.seed' } })
  })

  it('publishes what its campaign’s approval committed to at once, and the secret itself when all of it is over', async () => {
    const secrets = () => get<CampaignSecretView>('/api/campaigns/street/secret')
    await flow.quote('p1')
    const { body } = await secrets()
    expect(body).toMatchObject({ revealedAt: null, versions: [{ version: 1, secret: null }] })
    expect(body.versions[0]!.commitment).toMatch(/^s1\.[0-9a-f]{64}$/)
    afterTheDay()
    expect((await secrets()).body).toEqual(body)

    await raw`update campaigns set state = 'ended'`.execute(sql.db)
    const over = (await secrets()).body
    const secret = Buffer.from(over.versions[0]!.secret!, 'hex')
    expect(commitToSecret('street', secret)).toBe(body.versions[0]!.commitment)
    const deck = (await get<DeckView>(PATH)).body
    expect((await check({ deck })).body).toMatchObject({ holds: true, derived: true })
    const seed = Buffer.alloc(32, 3)
    const ground = {
      ...deck,
      seed: seed.toString('hex'),
      amountsFen: deal(deck.rule, seed),
      commitment: commitment(seed),
    }
    expect((await check({ deck: ground })).body).toMatchObject({ committed: true, derived: false, holds: false })
    expect((await verifyDeck(...cliArgs())).stdout).toContain('✓ the seed follows from the secret')

    // ended early, with tomorrow's decks dealt: nothing of them before they are over
    await raw`update decks set business_date = business_date + 1`.execute(sql.db)
    expect((await secrets()).body).toMatchObject({ revealedAt: null, versions: [{ secret: null }] })
    expect((await get('/api/campaigns/none/secret')).status).toBe(404)
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
    expect(good.stdout).toMatch(/✓ \d of 5 cards in the band ¥7–9, 4 are promised\n(.*\n){3}The deck holds\.\n$/)

    await closeDecks(flow.deps)
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
    expect(forged).toMatchObject({ code: 1, stdout: expect.stringContaining('✗ the commitment that was published') })
    writeFileSync(file, JSON.stringify({ ...honest, rule: { ...honest.rule, bandMinFen: 950 } }))
    expect(await verifyDeck('--file', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no deck can be'),
    })
  })
})

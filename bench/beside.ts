import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { addDays, businessDate } from '../server/domain/business-date'
import type { CampaignDetail, ChangeRequestList, OperatorSession, QuoteView } from '../server/http/contract'
import * as street from '../server/sandbox/food-street'
import { tell } from './figure'
import { logIn, type Payer } from './payers'
import type { Subject } from './subject'
import { startWorld } from './world'

/**
 * `node --import tsx bench/beside.ts [lines]`: what payers' quotes take while operators give the server its longest work, and what they
 * take alone, before and after. Prints both (docs/BENCH.md); falling short is a figure, not a failure.
 */

const PASSWORD = 'bench-password'
const LINES = Number(process.argv[2] ?? 100_000)
const MANY = LINES.toLocaleString('en')
const ALONE_MS = 5_000
/** between two quotes of a payer */
const BREATH_MS = 5

const code = (i: number) => `Z${String(i).padStart(6, '0')}`
const lines = (line: (i: number) => string) => Buffer.from(Array.from({ length: LINES }, (_, i) => line(i)).join('\n'))
const merchants = (round: number) =>
  Buffer.concat([
    Buffer.from('code,name,branch,account\n'),
    lines((i) => `${code(i)},商户 ${i},B01,account-${round}-${i}`),
  ])
const FLOOD = Buffer.alloc(8 << 20, 'a\n')

type Work = [name: string, run: () => Promise<unknown>]

async function works(bff: Subject): Promise<Work[]> {
  const [headers, checker] = await Promise.all(['maker', 'checker'].map((username) => logInAs(bff, username)))
  const send = (path: string, body: Buffer, more: Headers = {}) =>
    bff.send(path, body, { ...headers, 'content-type': 'text/csv', ...more })
  const { rule, name, organiser } = street.campaign(Date.now())
  const startDate = addDays(businessDate(Date.now()), 1)
  const terms = { rule, startDate, endDate: addDays(startDate, 364), budgetFen: 1e12 }
  const draft = { ...terms, name, organiser, merchantCodes: [] }
  const { campaignId } = await bff.post<CampaignDetail>('/admin/campaigns', draft, headers)
  /** The draft's merchants, as whoever has just looked at it sends them. */
  const list = async (body: Buffer) => {
    const path = `/admin/campaigns/${campaignId}`
    const { revision } = await bff.get<CampaignDetail>(path, headers!)
    return send(`${path}/merchants`, body, { 'if-match': `"${revision}"` })
  }
  const preview = { ...terms, merchantCount: 2, maxPerPayerPerDay: null, ordersPerMerchantPerDay: 15 }
  const [first, second] = [merchants(1), merchants(2)]
  return [
    [`${MANY} merchants, tried`, () => send('/admin/merchants/import?dryRun=true', first)],
    [`${MANY} merchants, asked for`, () => send('/admin/merchants/import', first)],
    [`${MANY} merchants, approved`, () => approveAll(bff, checker!)],
    [`${MANY} accounts, asked for`, () => send('/admin/merchants/import', second)],
    [`${MANY} accounts, approved`, () => approveAll(bff, checker!)],
    [`a list of ${MANY} codes`, () => list(lines(code))],
    ['8 MB of `a\\n`, merchants', () => send('/admin/merchants/import', FLOOD)],
    ['8 MB of `a\\n`, a list', () => list(FLOOD)],
    ['a year’s forecast', () => bff.post('/admin/campaigns/preview', preview, headers)],
    ['a storm of both', await storm(bff, preview, first)],
  ]
}

const STORM = { operators: ['maker', 'checker', 'auditor', 'admin'], roundsEach: 3, previewsAtOnce: 10 }

/** Everybody at the desk at once, each with more than may wait; what is refused is tried no more. */
async function storm(bff: Subject, preview: object, file: Buffer): Promise<() => Promise<unknown>> {
  const tokens = await Promise.all(
    STORM.operators.map((username) => bff.post<OperatorSession>('/admin/session', { username, password: PASSWORD })),
  )
  const rounds = async ({ token }: OperatorSession, i: number) => {
    const headers = { authorization: `Bearer ${token}` }
    for (let round = 0; round < STORM.roundsEach; round++)
      await Promise.allSettled([
        ...Array.from({ length: STORM.previewsAtOnce }, (_, n) =>
          bff.post('/admin/campaigns/preview', { ...preview, merchantCount: 1 + n + 10 * round }, headers),
        ),
        i === 0 && bff.send('/admin/merchants/import?dryRun=true', file, { ...headers, 'content-type': 'text/csv' }),
      ])
  }
  return () => Promise.all(tokens.map(rounds))
}

type Headers = Record<string, string>

async function logInAs(bff: Subject, username: string): Promise<Headers> {
  const { token } = await bff.post<OperatorSession>('/admin/session', { username, password: PASSWORD })
  return { authorization: `Bearer ${token}` }
}

/** As a checker does: what waits, at the revision it has. */
async function approveAll(bff: Subject, headers: Headers): Promise<void> {
  const { items } = await bff.get<ChangeRequestList>('/admin/changes?state=open', headers)
  for (const { changeId, revision } of items)
    await bff.post(`/admin/changes/${changeId}/approve`, {}, { ...headers, 'if-match': `"${revision}"` })
}

/** How long each quote took while the work ran, ms, ascending; and the work itself. */
async function beside(bff: Subject, payers: readonly Payer[], work: () => Promise<unknown>) {
  const took: number[] = []
  let over = false
  const quoting = payers.map(async ({ headers }, i) => {
    const body = { merchantCode: `M000${i + 1}`, amountFen: 10_000, channel: 'bank' }
    while (!over) {
      const from = performance.now()
      await bff.post<QuoteView>('/api/quotes', body, headers)
      took.push(performance.now() - from)
      await new Promise((done) => setTimeout(done, BREATH_MS))
    }
  })
  const from = performance.now()
  await work().finally(() => {
    over = true
  })
  const workMs = performance.now() - from
  await Promise.all(quoting)
  return { took: took.sort((a, b) => a - b), workMs }
}

const p99 = (took: readonly number[]) => took[Math.floor(took.length * 0.99)] ?? 0

function print(name: string, { took, workMs }: Awaited<ReturnType<typeof beside>>): void {
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]?.toFixed(1) ?? '–'
  const cells = [name.padEnd(28), workMs.toFixed(0).padStart(8), String(took.length).padStart(7)]
  console.log([...cells, ...[0.5, 0.99, 1].map((share) => at(share).padStart(8))].join(' '))
}

async function main(): Promise<void> {
  process.env.SANDBOX_PASSWORD = PASSWORD
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  const world = await startWorld({ merchants: 20 })
  try {
    const payers = await logIn(world.bff, 'beside', 4, false)
    const alone = () => new Promise((done) => setTimeout(done, ALONE_MS))
    console.log(`${world.storage.sql}\n${'quotes beside'.padEnd(28)}  work ms  quotes   p50 ms   p99 ms   max ms`)
    await beside(world.bff, payers, alone)
    const first = await beside(world.bff, payers, alone)
    print('nothing', first)
    const worst = { name: '', p99: 0 }
    for (const [name, work] of await works(world.bff)) {
      const one = await beside(world.bff, payers, work)
      print(name, one)
      if (p99(one.took) > worst.p99) Object.assign(worst, { name, p99: p99(one.took) })
    }
    tell({ name: 'p99 of quotes beside the longest work', unit: 'ms', value: worst.p99, floor: p99(first.took) })
    print('nothing', await beside(world.bff, payers, alone))
  } finally {
    await world.stop()
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { campaignsOf, SCARCE } from '../../chaos/campaigns'
import { checkGiven } from '../../chaos/check-given'
import type { Report } from '../../chaos/report'
import { type PartName, schedule } from '../../chaos/schedule'
import { Verdict } from '../../chaos/verdict'
import { walletWeather } from '../../chaos/wallet/weather'
import { weather } from '../../chaos/weather'
import { hasRedisServer } from '../../harness/redis'
import { postgresMissing } from '../../harness/sql'
import { TYPESCRIPT } from '../../harness/typescript'
import { CHANNELS, type Wallet } from '../../server/domain/channel'
import { dearestDeck } from '../../server/domain/deck'

const ROOT = resolve(__dirname, '../..')
const PARTS: PartName[] = ['bff-1', 'bff-2', 'bff-3', 'redis', 'postgres', ...CHANNELS]

describe('the schedule of faults', () => {
  const of = (seed: string) => schedule({ seed, seconds: 600, kills: 90, parts: PARTS })

  it('follows from its seed, and so does each channel’s weather', () => {
    expect(of('a')).toEqual(of('a'))
    expect(of('a')).not.toEqual(of('b'))
    const day = (seed: string) => Array.from({ length: 500 }, (_, moment) => weather(seed, moment))
    expect(day('a')).toEqual(day('a'))
    expect(day('a')).not.toEqual(day('b'))
    const at = (name: Wallet) => Array.from({ length: 500 }, (_, moment) => walletWeather('a', name, moment))
    expect(at('alipay')).toEqual(at('alipay'))
    expect(at('alipay')).not.toEqual(at('unionpay'))
  })

  it('kills and pauses every part as often as any other, and loses Redis’s data in every way', () => {
    const acts = of('a')
    const count = (does: string, part: PartName) => acts.filter((act) => act.does === does && act.part === part).length
    for (const part of PARTS) expect([part, count('kill', part), count('pause', part)]).toEqual([part, 10, 5])
    const backs = new Set(acts.flatMap((act) => (act.does === 'kill' && act.part === 'redis' ? [act.back] : [])))
    expect([...backs].sort()).toEqual(['as-it-was', 'empty', 'old'])
    expect(count('flush', 'redis')).toBe(9)
    expect(acts.every((act) => act.atMs >= 0 && act.atMs < 600_000)).toBe(true)
  })

  it('makes every fault the bank has, and the wallets', () => {
    const faults = Array.from({ length: 3_000 }, (_, moment) => weather('a', moment)).flat()
    const modes = ['slow', 'decline', 'pending', 'lose-request', 'lose-reply', 'error-before', 'error-after']
    expect([...new Set(faults.map((fault) => fault.mode))].sort()).toEqual(
      [...modes, 'bad-signature', 'garbage'].sort(),
    )
    const wallets = Array.from({ length: 3_000 }, (_, moment) => walletWeather('a', 'wechatpay', moment))
    const theirs = new Set(wallets.flatMap(({ faults }) => faults.map(({ mode }) => mode)))
    const common = ['slow', 'lose-request', 'lose-reply', 'error-before', 'error-after', 'bad-signature', 'garbage']
    expect([...theirs].sort()).toEqual([...common, 'busy', 'paid-meanwhile'].sort())
    expect(new Set(wallets.map(({ notices }) => notices.times))).toEqual(new Set([0, 1, 2]))
  })
})

it('a verdict counts what was looked at and what was broken, and keeps a few samples', () => {
  const verdict = new Verdict()
  for (let i = 0; i < 30; i++) verdict.look('I1', 'one', i % 2 === 0 ? undefined : `sample ${i}`)
  expect(verdict.violations).toBe(15)
  expect(verdict.lines).toMatchObject([
    { name: 'I1', checked: 30, violations: 15, samples: expect.arrayContaining(['sample 1']) },
  ])
  expect(verdict.lines[0]!.samples.length).toBeLessThan(15)
})

describe('whether a chaos tried what it is for', () => {
  const codes = Array.from({ length: 18 }, (_, i) => `C${i}`)

  it('is seen to beforehand: the case’s budget reaches for two days of all its decks, the other’s runs out with one short and one missing', () => {
    const [ample, scarce] = campaignsOf(codes, Date.now())
    const deckFen = dearestDeck(ample!.rule)
    expect(scarce!.merchantCodes).toEqual(['C5', 'C11', 'C17'])
    expect([...ample!.merchantCodes!, ...scarce!.merchantCodes!].sort()).toEqual([...codes].sort())
    expect(ample!.budgetFen).toBe(2 * (15 + 20) * deckFen)
    expect(scarce!.budgetFen).toBeGreaterThan(deckFen)
    expect(scarce!.budgetFen).toBeLessThan(2 * deckFen)
  })

  const OUT = { campaign_id: SCARCE, merchants: 2, first: 'C5' }
  const broken = async (discounted: number, short: object[], paid = 71) => {
    const verdict = new Verdict()
    const counts = new Map([
      ['quotes without: budget-exhausted', 126],
      ['fen committed', 9],
    ])
    const byChannel = { bank: { paid, closed: 0, paying: 0 } }
    const sql = { pool: { query: async () => ({ rows: short }) } } as never
    await checkGiven(sql, { discounted, byChannel }, counts, verdict)
    return verdict.lines.flatMap(({ samples }) => samples)
  }

  it('is said afterwards: a run without discounts, or in which no budget ran out, is broken', async () => {
    expect(await broken(40, [OUT])).toEqual([])
    const none = 'had one; 126 quotes without: budget-exhausted'
    expect(await broken(0, [OUT])).toEqual([`0 of the bank’s 71 paid orders ${none}`])
    expect(await broken(7, [OUT])).toEqual([`7 of the bank’s 71 paid orders ${none}`])
    expect(await broken(0, [OUT], 0)).toEqual([`0 of the bank’s 0 paid orders ${none}`])
    expect(await broken(40, [])).toEqual([`${SCARCE} has a deck for everybody`])
    const short = { campaign_id: 'food-street', merchants: 17, first: 'C00001' }
    expect(await broken(40, [short, OUT])).toEqual(['food-street: 17 merchants, C00001 first'])
  })
})

const missing = [
  process.env.FAPAI_CHAOS === '0' ? 'skipped: FAPAI_CHAOS=0' : undefined,
  postgresMissing(),
  hasRedisServer() ? undefined : 'skipped: there is no redis-server',
].filter(Boolean)
if (missing.length > 0) console.warn(`the quick chaos is ${missing.join('; ')}`)
const withServers = missing.length > 0 ? it.skip : it

withServers(
  'a quick chaos breaks no promise',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fapai-chaos-test-'))
    try {
      const json = join(folder, 'report.json')
      const args = [join(ROOT, 'chaos/main.ts'), '--quick', '--seed', 'ci', '--json', json]
      const { code, out } = await run(args)
      const report = JSON.parse(readFileSync(json, 'utf8')) as Report
      // The whole table, so that a failure tells all there is to know.
      expect(report.violations === 0 ? '' : out).toBe('')
      expect(code).toBe(0)
      // bank, wallets, stores and BFFs, each of them once
      expect(report.figures.kills).toBe(8)
      expect(report.figures.paid).toBeGreaterThan(50)
      expect(report.figures.discounted).toBeGreaterThan(0)
      for (const channel of CHANNELS) expect(report.figures.byChannel[channel]?.paid).toBeGreaterThan(0)
      expect(report.figures.reconciled?.planted).toBeGreaterThan(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  300_000,
)

function run(args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const options = {
      cwd: ROOT,
      env: { ...process.env, ...TYPESCRIPT },
      encoding: 'utf8' as const,
      maxBuffer: 32 * 1024 * 1024,
    }
    execFile(process.execPath, args, options, (error, out, err) => {
      done({ code: error ? Number(error.code ?? 1) : 0, out: `${out}\n${err}` })
    })
  })
}

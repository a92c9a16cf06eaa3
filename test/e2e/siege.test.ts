import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TYPESCRIPT } from '../../harness/typescript'
import { ATTACKS } from '../../siege/attacks'
import { figuresOf } from '../../siege/figures'
import { readOptions } from '../../siege/options'
import type { Visit } from '../../siege/payers'
import { answered, type Phase, type Report, type Result } from '../../siege/report'
import { countAnswer, countLoss, emptyTally, summed, type Tally } from '../../siege/tally'
import { broken } from '../../siege/verdict'

const ROOT = resolve(__dirname, '../..')

const visit = (waitedMs: number, more: Partial<Visit> = {}): Visit => ({
  ...{
    beganAt: 0,
    merchantCode: 'M0001',
    entryMs: 1,
    shopMs: 1,
    quoteMs: 1,
    payMs: 1,
    toldToWait: 0,
    paid: true,
    orderNo: '',
    reason: null,
  },
  ...{ waitedMs, ...more },
})
const sent = (more: Partial<Tally> = {}): Tally => ({ ...emptyTally(), sent: 1, ...more })
const phase = (name: string, visits: Visit[], more: Partial<Phase> = {}): Phase => ({
  ...{ name, attacks: [name], seconds: 1, honest: figuresOf(visits), tallies: { [name]: sent() }, memoryMb: 200 },
  ...more,
})
const result = (phases: Phase[], more: Partial<Result> = {}): Result => ({
  ...{ phases, calm: figuresOf([visit(100)]), listeners: { paid: 1, heard: 1, lost: 0 }, alive: true },
  ...{ operators: { logIns: 1, pages: 1, shutOut: [], refused: {} }, audit: { clean: true, text: '' } },
  ...more,
})

describe('the verdict of a siege', () => {
  it('finds nothing where nothing is broken', () => {
    expect(broken(result([phase('quotes', [visit(299)]), phase('desk', [visit(199)])]), true)).toEqual([])
  })

  it('takes one of twenty for no share of anything', () => {
    const few = [visit(1, { reason: 'all-held' }), ...Array(18).fill(visit(1))]
    expect(broken(result([phase('hoarders', few)]), true)).toEqual([])
  })

  it.each<[string, Result, RegExp]>([
    [
      'a payment that failed',
      result([phase('quotes', [visit(1), visit(1, { paid: false, kept: 'pay: 503 busy' })])]),
      /1 of 2.*1 × pay: 503 busy/,
    ],
    [
      'a calm in which nobody had a card',
      result([phase('quotes', [visit(1)])], { calm: figuresOf([visit(100, { reason: 'budget-exhausted' })]) }),
      /calm: nobody who paid had a card.*1 × budget-exhausted/,
    ],
    [
      'a calm in which nobody paid',
      result([phase('quotes', [visit(1)])], { calm: figuresOf([]) }),
      /calm: nobody paid/,
    ],
    ['nobody who came', result([phase('quotes', [])]), /nobody came/],
    ['payers who waited', result([phase('quotes', [visit(300)])]), /3\.0 times the calm’s; at most 3/],
    ['payers whom operators kept waiting', result([phase('desk', [visit(200)])]), /2\.0 times the calm’s; at most 2/],
    ['memory', result([phase('quotes', [visit(1)], { memoryMb: 1_024 })]), /1024 MB of memory/],
    [
      'a 5xx',
      result([phase('quotes', [visit(1)], { tallies: { quotes: sent({ faults: 2, samples: ['500 GET /'] }) } })]),
      /2 answers to quotes.*500 GET/,
    ],
    [
      'an attack that was none',
      result([phase('quotes', [visit(1)], { tallies: { quotes: emptyTally() } })]),
      /quotes has sent nothing/,
    ],
    [
      'cards that hoarders hold',
      result([phase('hoarders', Array(60).fill(visit(1, { reason: 'all-held' })))]),
      /100 % of honest quotes found no card left; less than 5/,
    ],
    ['a process that ended', result([phase('quotes', [visit(1)])], { alive: false }), /process has ended/],
    [
      'a merchant who heard nothing',
      result([phase('quotes', [visit(1)])], { listeners: { paid: 2, heard: 1, lost: 0 } }),
      /1 of 2 orders/,
    ],
    [
      'an operator who is shut out',
      result([phase('quotes', [visit(1)])], { operators: { logIns: 1, pages: 0, shutOut: ['429'], refused: {} } }),
      /could not log in for a minute: 429/,
    ],
    [
      'operators who are all shut out',
      result([phase('quotes', [visit(1)])], { operators: { logIns: 0, pages: 0, shutOut: [], refused: {} } }),
      /^no operator could log in at all$/,
    ],
    [
      'books that differ',
      result([phase('quotes', [visit(1)])], { audit: { clean: false, text: 'I4' } }),
      /audit isn’t clean: I4/,
    ],
  ])('names %s', (_, of, reason) => {
    expect(broken(of, true)).toEqual([expect.stringMatching(reason)])
  })

  it('leaves times alone on a machine that does other work as well', () => {
    const operators = { logIns: 1, pages: 1, shutOut: ['429'], refused: {} }
    expect(broken(result([phase('quotes', [visit(3_000)])], { operators }), false)).toEqual([])
  })
})

it('a tally takes a 503 that says when to come back for no fault, and any other 5xx for one', () => {
  const tally = emptyTally()
  countAnswer(tally, 429, true, () => '')
  countAnswer(tally, 503, true, () => '')
  countAnswer(tally, 503, false, () => 'GET /readyz')
  countAnswer(tally, 500, true, () => 'GET /')
  countLoss(tally, 'ECONNRESET')
  expect(summed([tally, tally])).toMatchObject({
    ...{
      answered: 10,
      faults: 4,
      samples: expect.arrayContaining(['503 without Retry-After GET /readyz', '500 GET /']),
    },
    answers: { 429: 2, 503: 2, '503 without Retry-After': 2, 500: 2, ECONNRESET: 2 },
  })
})

it('the options name what there isn’t, and every attack has a name of its own', () => {
  expect(() => readOptions(['--only', 'hope'], 0)).toThrow('there is no attack hope')
  expect(() => readOptions(['--requests', '1e6'], 0)).toThrow('--requests')
  expect(readOptions(['--requests', '1000000', '--seed', 'a'], 0)).toMatchObject({ requests: 1_000_000, timed: true })
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length)
})

const skipped = process.env.FAPAI_SIEGE === '0' ? 'skipped: FAPAI_SIEGE=0' : undefined
if (skipped) console.warn(`the short siege is ${skipped}`)

;(skipped ? it.skip : it)(
  'the house stands a short siege: everybody pays, no answer is a bare 5xx, its memory has a bound, it lives, and its books are right',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fapai-siege-test-'))
    try {
      const json = join(folder, 'report.json')
      const { code, out } = await run([join(ROOT, 'siege/main.ts'), '--quick', '--json', json])
      const report = JSON.parse(readFileSync(json, 'utf8')) as Report
      // The whole table, so that a failure tells all there is to know.
      expect(report.broken.length === 0 ? '' : out).toBe('')
      expect(code).toBe(0)
      expect(answered(report.phases)).toBeGreaterThan(ATTACKS.length)
      // The house is silent, so a stack is what a stranger made it print.
      expect(out).not.toMatch(/^ +at .*\(node:/m)
      expect(report.phases.map(({ name }) => name)).toEqual([
        'calm',
        ...ATTACKS.map(({ name }) => name),
        'together',
        'calm after',
      ])
      console.log(out)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  400_000,
)

function run(args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const options = { cwd: ROOT, env: { ...process.env, ...TYPESCRIPT }, encoding: 'utf8', maxBuffer: 1 << 25 } as const
    execFile(process.execPath, args, options, (error, out, err) => {
      done({ code: error ? Number(error.code ?? 1) : 0, out: `${out}\n${err}` })
    })
  })
}

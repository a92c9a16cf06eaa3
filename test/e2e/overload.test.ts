import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TYPESCRIPT } from '../../harness/typescript'
import { readOptions } from '../../siege/overload/options'
import type { Part, Result } from '../../siege/overload/overloaded'
import type { Report } from '../../siege/overload/table'
import { backAfter, count, emptyTally, type Kind, type Reply, WITH_A_CARD } from '../../siege/overload/tally'
import { broken } from '../../siege/overload/verdict'

const ROOT = resolve(__dirname, '../..')

const REFUSED: Reply = { status: 503, code: 'overloaded', retryAfterS: 2, body: {} }
const SERVED: Reply = { status: 200, code: '', retryAfterS: undefined, body: {} }

/** `ms`: of each answer, a second apart. */
function part(name: string, answers: [Kind, Reply, ms: number][]): Part {
  const tally = emptyTally(name)
  for (const [i, [kind, reply, ms]] of answers.entries()) count(tally, kind, reply, ms, i * 1_000)
  const gauges = { lateMs: 0, shedding: 0, underWay: 0, atTheBank: 0 }
  return { ...tally, lasted: 1, visits: 1, paid: 10, gauges, memoryMb: 200, ownLateMs: 0 }
}
const served = (name: string, ms = 50, quotes: Record<string, number> = { [WITH_A_CARD]: 1 }) => ({
  ...part(name, [
    ['quote', SERVED, ms],
    ['pay', SERVED, ms],
  ]),
  quotes,
})
const result = (more: Partial<Result> = {}): Result => ({
  ...{ capacity: 10, calm: served('calm'), over: served('over'), after: served('after'), taken: 1, open: 0 },
  ...{ back: { servesAllAfterS: 0, swiftAfterS: 0 }, lastOne: 'served in full', alive: true },
  ...{ audit: { clean: true, text: '' }, ...more },
})

describe('the verdict of an overload', () => {
  it('finds nothing where what is served is swift and the rest is told so at once', () => {
    const over = part('over', [
      ['quote', SERVED, 900],
      ['quote', REFUSED, 20],
      ['pay', SERVED, 900],
    ])
    expect(broken(result({ over }), true)).toEqual([])
  })

  const bare = { ...REFUSED, retryAfterS: undefined }
  it.each<[string, Partial<Result>, RegExp]>([
    [
      'a bare 5xx',
      { over: part('over', [['desk', bare, 1]]) },
      /over: 1 answers were a bare 5xx: 1 × desk 503 overloaded/,
    ],
    ['an order that hangs', { open: 2 }, /2 orders have no ending/],
    [
      'a house that refuses for ever',
      { lastOne: 'quote 503 overloaded' },
      /whoever came last was not served in full: quote 503/,
    ],
    ['a process that ended', { alive: false }, /process has ended/],
    ['books that differ', { audit: { clean: false, text: 'I4' } }, /audit isn’t clean: I4/],
    [
      'a calm without cards',
      { calm: served('calm', 50, { 'budget-exhausted': 3 }) },
      /calm: nobody was quoted a card.*3 × budget-exhausted/,
    ],
    ['a house that only refuses', { over: { ...served('over'), paid: 0 } }, /nobody paid/],
    [
      'connections that break',
      { after: part('after', Array(3).fill(['pay', { ...SERVED, status: 0, code: 'ECONNRESET' }, 1])) },
      /after: 3 of 3 had no answer: 3 × pay {2}ECONNRESET/,
    ],
  ])('names %s, whatever the machine does meanwhile', (_, more, reason) => {
    expect(broken(result(more), false)).toEqual([expect.stringMatching(reason)])
  })

  it.each<[string, Partial<Result>, RegExp]>([
    ['what is served slowly', { over: served('over', 1_000) }, /p99 of a served quote was 1000 ms/],
    [
      'who is refused late',
      {
        over: part('over', [
          ['quote', SERVED, 1],
          ['pay', SERVED, 1],
          ['quote', REFUSED, 101],
        ]),
      },
      /p99 of a refusal was 101 ms/,
    ],
    ['a house that is busy refusing', { over: { ...served('over'), paid: 4 } }, /4 paid a second, of 10/],
    ['one that stays slow', { back: { servesAllAfterS: 1, swiftAfterS: 6 } }, /was swift again after 6 s/],
    [
      'one that goes on refusing',
      { back: { servesAllAfterS: undefined, swiftAfterS: 1 } },
      /served everybody again after – s/,
    ],
  ])('names %s, on a machine of its own alone', (_, more, reason) => {
    expect(broken(result(more), true).join('\n')).toMatch(reason)
    expect(broken(result(more), false)).toEqual([])
  })
})

it('a house is itself again after the last refusal, and once three seconds of answers are like the calm’s', () => {
  const seconds: [Kind, Reply, number][] = [
    ['quote', SERVED, 900],
    ['pay', REFUSED, 5],
    ['quote', SERVED, 300],
    ['pay', SERVED, 90],
    ['quote', SERVED, 50],
  ]
  expect(backAfter(part('after', seconds), 50)).toEqual({ servesAllAfterS: 2, swiftAfterS: 3 })
  expect(backAfter(part('after', seconds.slice(0, 2)), 50)).toEqual({
    servesAllAfterS: undefined,
    swiftAfterS: undefined,
  })
})

it('the options name what there isn’t', () => {
  expect(readOptions(['--help'])).toBeUndefined()
  expect(() => readOptions(['--factor', 'much'])).toThrow('--factor')
  expect(() => readOptions(['--attacks'])).toThrow()
  expect(readOptions(['--factor', '2.5', '--seconds', '7'])).toMatchObject({
    factor: 2.5,
    seconds: { over: 7 },
    timed: true,
  })
})

const skipped = process.env.FAPAI_SIEGE === '0' ? 'skipped: FAPAI_SIEGE=0' : undefined
if (skipped) console.warn(`the short overload is ${skipped}`)

;(skipped ? it.skip : it)(
  'with three times more than it serves a house answers everybody, ends every order that it took, and serves in full again by itself',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fapai-overload-test-'))
    try {
      const json = join(folder, 'report.json')
      const { code, out } = await run([join(ROOT, 'siege/overload/main.ts'), '--quick', '--json', json])
      // The whole table, so that a failure tells all there is to know.
      expect(code === 0 ? '' : out).toBe('')
      const { broken: reasons, over, lastOne } = JSON.parse(readFileSync(json, 'utf8')) as Report
      expect(reasons).toEqual([])
      expect(lastOne).toBe('served in full')
      expect(over.paid).toBeGreaterThan(0)
      // The house is silent, so a stack is what somebody made it print.
      expect(out).not.toMatch(/^ +at .*\(node:/m)
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

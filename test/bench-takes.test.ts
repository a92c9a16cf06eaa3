import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locking, skippingLocked, watching } from '../bench/peers'
import { figuresOf, judged, table } from '../bench/report'
import { type Compared, compare, type Sample } from '../bench/rounds'
import { onRedis, ours, turnOf, type Way } from '../bench/takes'
import { describeOnRedis } from '../harness/redis'
import { postgresMissing } from '../harness/sql'
import { type EmbeddedRedis, startEmbeddedRedis } from '../server/store/redis/embedded'

/** Ways of giving out cards that are measured beside ours: each gives every card once, or it is no peer. */

/** Every card of a street's forty decks: at each deck several are under way at once, and the last one goes. */
const ALL = 800

describe('a way of giving out cards', () => {
  /** Gives what `cardOf` says of the nth that comes to a deck, and says at the end that it gave `kept`. */
  const way = (cardOf: (nth: number) => number, kept = ALL): Way => {
    const come = new Map<number, number>()
    return {
      async lay() {},
      async take(_, deck) {
        const nth = come.get(deck) ?? 0
        come.set(deck, nth + 1)
        return cardOf(nth)
      },
      taken: async () => kept,
      storeUs: async () => undefined,
    }
  }

  it('is one that gives each card once, and knows it', async () => {
    expect(
      await turnOf(
        way((nth) => nth),
        1,
        ALL,
      ),
    ).toMatchObject({ cpuUs: null })
    await expect(
      turnOf(
        way((nth) => Math.min(nth, 18)),
        1,
        ALL,
      ),
    ).rejects.toThrow('given twice')
    await expect(
      turnOf(
        way((nth) => nth, ALL - 1),
        1,
        ALL,
      ),
    ).rejects.toThrow('799 kept')
    await expect(
      turnOf(
        way((nth) => nth, ALL + 1),
        1,
        ALL,
      ),
    ).rejects.toThrow('801 kept')
  })
})

describeOnRedis()('cards given out on Redis', () => {
  let redis: EmbeddedRedis
  const dir = mkdtempSync(join(tmpdir(), 'fapai-peers-'))
  beforeAll(async () => {
    redis = await startEmbeddedRedis({ socketDir: dir })
  })
  afterAll(async () => {
    await redis.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it.each([
    ['by our script', ours],
    ['watched', watching],
    ['locked', locking],
  ] as const)('%s, are given once each, and CPU of both sides is told', async (_, wayOf) => {
    const sample = await onRedis(redis.url, (connections) => turnOf(wayOf(connections), 1, ALL))
    expect(sample.cpuUs).toBeGreaterThan(0)
  })
})

const missing = postgresMissing()
if (missing) console.warn(missing)
;(missing ? describe.skip : describe)('cards given out by PostgreSQL', () => {
  it('row by row, skipping what is locked, are given once each', async () => {
    let sample: Sample | undefined
    await skippingLocked([], async (way) => {
      sample = await turnOf(way, 1, ALL)
    })
    expect(sample!.perSecond).toBeGreaterThan(0)
  })
})

describe('how ours and another are compared', () => {
  const sides = (samples: [perSecond: number, cpuUs: number | null][]) => {
    const left = samples.map(([perSecond, cpuUs]): Sample => ({ perSecond, cpuUs, busy: null }))
    return async () => left.shift()!
  }

  it('is by CPU where it is told: a turn in which others had the machine changes the rate alone', async () => {
    const warm: [number, number] = [1, 1]
    const quiet = await compare(
      3,
      sides([warm, [80, 125], [20, 130], [80, 125]]),
      sides([warm, [100, 100], [100, 104], [100, 100]]),
    )
    expect(quiet.cpuRatio).toBeCloseTo(0.8)
    expect(quiet.ratio).toBeCloseTo(0.8)
    expect(quiet.ratios).toEqual([0.2, 0.8, 0.8])
    expect(judged({ ...quiet, ratio: 0.2 })).toBeCloseTo(0.8)
    const untold = await compare(
      1,
      sides([
        [1, null],
        [50, null],
      ]),
      sides([warm, [100, 100]]),
    )
    expect(untold.cpuRatio).toBeNull()
    expect(judged(untold)).toBe(0.5)
  })

  it('is a row with both, judged by CPU, and a figure of the one table', () => {
    const one = (ratio: number, cpuRatio: number | null): Compared => ({
      ...{ ratio, cpuRatio, ratios: [ratio] },
      ours: { perSecond: 100 * ratio, cpuUs: cpuRatio && 100 / cpuRatio, busy: 0.5 },
      floor: { perSecond: 100, cpuUs: 100, busy: 0.5 },
    })
    const machine = {
      cores: 2,
      cpu: 'EPYC',
      node: 'v20',
      redis: 'redis-server',
      sql: 'PostgreSQL',
      loadAverage: 9,
      quick: true,
    }
    const report = { quotes: one(0.3, 0.8), bare: one(0.2, 0.4), peers: [{ name: 'lock, LPOP', ...one(2.5, 1.9) }] }
    const text = table({ ...report, machine: { ...machine, at: '', targets: {} as never } })
    const cells = (name: string) =>
      text
        .split('\n')
        .find((line) => line.includes(name))!
        .split(/ {2,}/)
    expect(cells('plain service').slice(1, 9)).toEqual([
      '30',
      '100',
      '0.30',
      '0.30–0.30',
      '125 / 100',
      '0.80',
      '≥ 0.75',
      'ok',
    ])
    expect(cells('lock, LPOP').slice(7, 9)).toEqual(['≥ 2', 'short by 0.100'])
    expect(cells('bare Koa').slice(6)).toEqual(['0.40', '50 % / 50 %'])
    expect(figuresOf(report).map(({ name, ratio }) => [name, ratio])).toEqual([
      ['cards taken, beside lock, LPOP', 1.9],
      ['quotes', 0.8],
    ])
  })
})

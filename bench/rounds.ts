/** One side's turn. */
export interface Sample {
  perSecond: number
  /** of the server process, for each request; of a take that of the client and of its store; null where no process tells */
  cpuUs: number | null
  /** how much of one core the server process used, 0–1; well below 1, something else was the limit */
  busy: number | null
}

export interface Compared {
  /** medians over the rounds */
  ratio: number
  ours: Sample
  floor: Sample
  /** every round's ratio, ascending */
  ratios: number[]
  /**
   * The floor's CPU for each request by ours, the median of the rounds' own: what `ratio` would be if nothing but CPU were short, and others at
   * work on the machine change it little. null where no process tells.
   */
  cpuRatio: number | null
}

/**
 * Ours and the floor in turns, ABBA ABBA …, after one turn each to warm up: a machine that slows down meanwhile slows both.
 * The ratio is the median of the rounds' own ratios.
 */
export async function compare(
  rounds: number,
  ours: () => Promise<Sample>,
  floor: () => Promise<Sample>,
): Promise<Compared> {
  await floor()
  await ours()
  const pairs: { ours: Sample; floor: Sample }[] = []
  for (let i = 0; i < rounds; i++) {
    if (i % 2 === 0) pairs.push({ ours: await ours(), floor: await floor() })
    else {
      const first = await floor()
      pairs.push({ floor: first, ours: await ours() })
    }
  }
  const ratios = pairs.map((pair) => pair.ours.perSecond / pair.floor.perSecond).sort((a, b) => a - b)
  return {
    ratio: median(ratios),
    ours: middle(pairs.map((pair) => pair.ours)),
    floor: middle(pairs.map((pair) => pair.floor)),
    ratios,
    cpuRatio: medianOf(pairs.map(({ ours, floor }) => ours.cpuUs && floor.cpuUs && floor.cpuUs / ours.cpuUs)),
  }
}

const medianOf = (values: (number | null)[]) => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : median(known)
}

function middle(samples: Sample[]): Sample {
  const of = (pick: (sample: Sample) => number | null) => medianOf(samples.map(pick))
  return { perSecond: of((one) => one.perSecond)!, cpuUs: of((one) => one.cpuUs), busy: of((one) => one.busy) }
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** For work that has to be done whatever it takes: what was cut short would be measured as if it were whole. */
export const UNTIL_DONE = Number.POSITIVE_INFINITY

/** On a machine that is very busy a call may miss its deadline (Redis: 300 ms); more than this is a fault. */
const MOST_FAILURES = 0.02

/**
 * A closed loop: so many workers, each with one piece of work under way, until the time is over or the work is. Counts
 * what succeeded; a few failures are told on stderr, and more than a few are thrown.
 */
export async function load(
  workers: number,
  limit: { forMs: number; atMost: number },
  work: (worker: number) => Promise<void>,
): Promise<{ count: number; seconds: number }> {
  const start = performance.now()
  const failures: unknown[] = []
  let begun = 0
  const loop = async (worker: number) => {
    while (begun < limit.atMost && performance.now() - start < limit.forMs) {
      begun++
      await work(worker).catch((error) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => loop(worker)))
  const seconds = (performance.now() - start) / 1_000
  if (failures.length > Math.max(1, begun * MOST_FAILURES)) throw failures[0]
  if (failures.length > 0) console.error(`bench: ${failures.length} of ${begun} failed, the first by ${failures[0]}`)
  return { count: begun - failures.length, seconds }
}

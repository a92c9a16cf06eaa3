import { join } from 'node:path'
import { TYPESCRIPT } from '../harness/typescript'
import { type Child, forkChild } from '../server/sandbox/children'
import type { Arms } from './attack'
import type { Order, Report } from './attacker'
import { summed, type Tally } from './tally'

/** The attackers' processes, seen from the one that measures. */
export interface Attackers {
  /** Attacks with all of these at once; tells what was sent and answered, by attack. `onNews`: so many answers by now. */
  attack(
    names: readonly string[],
    forMs: number,
    requests: number | undefined,
    onNews: (answered: number) => void,
  ): Promise<Record<string, Tally>>
  stop(): Promise<void>
}

/** One for each of the usual machine's processors. */
const PARTS = 2

export async function startAttackers(
  arms: Arms,
  { seed, timed }: { seed: number; timed: boolean },
): Promise<Attackers> {
  const file = join(__dirname, 'attacker.ts')
  const env = { ...process.env, ...TYPESCRIPT }
  const children = await Promise.all(Array.from({ length: PARTS }, () => forkChild<object>(file, [], { env })))
  await Promise.all(children.map((child, part) => armed(child, { kind: 'arm', arms, part, parts: PARTS, seed, timed })))
  return {
    async attack(names, forMs, requests, onNews) {
      const each = requests === undefined ? undefined : Math.ceil(requests / PARTS)
      const answered = children.map(() => 0)
      const all = await Promise.all(
        children.map((child, part) =>
          attacked(child, { kind: 'attack', names, forMs, requests: each }, (tallies) => {
            answered[part] = Object.values(tallies).reduce((sum, one) => sum + one.answered, 0)
            onNews(answered.reduce((sum, one) => sum + one, 0))
          }),
        ),
      )
      return Object.fromEntries(names.map((name) => [name, summed(all.map((tallies) => tallies[name]!))]))
    },
    stop: async () => void (await Promise.all(children.map((child) => child.stop()))),
  }
}

function armed(child: Child<object>, order: Order): Promise<void> {
  return told(child, order, (report) => (report.kind === 'ready' ? { is: undefined } : undefined))
}

function attacked(
  child: Child<object>,
  order: Order,
  onNews: (tallies: Record<string, Tally>) => void,
): Promise<Record<string, Tally>> {
  return told(child, order, (report) => {
    if (report.kind === 'ready') return undefined
    onNews(report.tallies)
    return report.kind === 'over' ? { is: report.tallies } : undefined
  })
}

/** Gives an order, and resolves with the report that ends it. @throws when the process ends before */
function told<T>(child: Child<object>, order: Order, read: (report: Report) => { is: T } | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const hear = (report: Report) => {
      const found = read(report)
      if (!found) return
      child.process.off('message', hear)
      resolve(found.is)
    }
    child.process.on('message', hear)
    void child.ended.then((code) => reject(new Error(`an attacker's process ended (exit ${code})`)))
    child.process.send(order)
  })
}

import type { Address } from '../attack'

/** The most that the house's own gauges said, by part of the run. */
export interface Gauges {
  /** by how much its event loop was late, ms */
  lateMs: number
  /** the highest step of what is given up */
  shedding: number
  /** requests under way */
  underWay: number
  /** of these, those that only wait for the bank */
  atTheBank: number
}

export interface Watch {
  /** The most since it was last asked. */
  read(): Gauges
  stop(): void
}

const NOTHING: Gauges = { lateMs: 0, shedding: 0, underWay: 0, atTheBank: 0 }

const EVERY_MS = 500

/** Looks at the house's metrics, where they are on a port of their own. */
export function watch({ host, port }: Address): Watch {
  let most = NOTHING
  const timer = setInterval(() => {
    void fetch(`http://${host}:${port}/metrics`)
      .then((answer) => answer.text())
      .then((text) => {
        const lines = text.split('\n')
        const of = (name: string) => Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0)
        most = {
          lateMs: Math.max(most.lateMs, 1_000 * of('fapai_event_loop_late_seconds')),
          shedding: Math.max(most.shedding, of('fapai_shedding')),
          underWay: Math.max(most.underWay, of('fapai_requests_under_way')),
          atTheBank: Math.max(most.atTheBank, of('fapai_channel_waiting{channel="bank"}')),
        }
      })
      .catch(() => {})
  }, EVERY_MS)
  return {
    read() {
      const was = most
      most = NOTHING
      return was
    },
    stop: () => clearInterval(timer),
  }
}

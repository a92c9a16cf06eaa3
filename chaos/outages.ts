import type { PartName } from './schedule'

export type OutageKind = 'kill' | 'pause' | 'flush'

interface Outage {
  part: PartName
  kind: OutageKind
  from: number
  to: number
}

/** Pools and breakers notice a comeback a moment later: a reconnect's longest delay is a second, an open breaker's five. */
const AFTER_MS = 3_000

/** When which part was away, in ms since the epoch; what the payers met is judged against it. */
export class Outages {
  private readonly all: Outage[] = []

  /** The part goes away; call the result when it serves again. */
  begin(part: PartName, kind: OutageKind): () => void {
    const outage: Outage = { part, kind, from: Date.now(), to: Number.POSITIVE_INFINITY }
    this.all.push(outage)
    return () => {
      outage.to = Date.now()
    }
  }

  /** Whether one of the parts was away at some time between the two, or just before. */
  met(parts: readonly PartName[], from: number, to: number, kinds?: readonly OutageKind[]): boolean {
    return this.all.some(
      (one) =>
        parts.includes(one.part) && (kinds?.includes(one.kind) ?? true) && one.from <= to && one.to + AFTER_MS >= from,
    )
  }

  count(kind: OutageKind, part?: PartName): number {
    return this.all.filter((one) => one.kind === kind && (part === undefined || one.part === part)).length
  }
}

/** Marks what the channel was made to say that isn't so. */
export const LIE = { lie: true }

/** A hundred times as fast as `expect`, of which a run would make thousands. */
export function ok(what: string, holds: boolean, about: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(about)}`)
}

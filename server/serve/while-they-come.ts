/** A loop takes a connection or a few each time round. */
const ROUNDS = 64

/** Waits so long, and then until whoever has knocked meanwhile is let in: a door that is shut before is shut in their face. */
export async function whileTheyCome(forMs: number): Promise<void> {
  if (forMs === 0) return
  await new Promise((done) => setTimeout(done, forMs))
  for (let round = 0; round < ROUNDS; round++) await new Promise((done) => setImmediate(done))
}

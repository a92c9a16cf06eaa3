/** One call of the system for so many bytes; a call of its own for each of a quote's twelve is a twentieth of the quote. */
const POOL_BYTES = 4_096

/**
 * Bytes from a generator (`fill`: the system's), drawn ahead as `crypto.randomUUID` does. None is handed out twice, and none that
 * was handed out stays here.
 */
export function pooledRandom(fill: (pool: Uint8Array) => void): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return (bytes) => {
    if (bytes > POOL_BYTES) throw new RangeError(`at most ${POOL_BYTES} bytes`)
    if (used + bytes > POOL_BYTES) {
      fill(pool)
      used = 0
    }
    const taken = pool.slice(used, used + bytes)
    pool.fill(0, used, used + bytes)
    used += bytes
    return taken
  }
}

/** What came of a POST: its status and the beginning of what was said; undefined when nothing was. */
export type Posted = { status: number; body: string } | undefined

/** Nobody waits, but the next one does. */
const TIMEOUT_MS = 5_000
/** All that anything of ours is said in. */
const MOST_BYTES = 4 * 1024

/** To an address of the configuration, and nowhere that it sends us on to. */
export async function postJson(url: string, body: string, headers: Record<string, string> = {}): Promise<Posted> {
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { status: reply.status, body: await beginningOf(reply) }
  } catch {
    // The address may hold a key, so no error of it goes further.
    return undefined
  }
}

async function beginningOf(reply: Response): Promise<string> {
  const reader = reply.body?.getReader()
  const parts: Uint8Array[] = []
  for (let bytes = 0; reader && bytes < MOST_BYTES; ) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.byteLength
  }
  await reader?.cancel().catch(() => {})
  return Buffer.concat(parts).toString('utf8')
}

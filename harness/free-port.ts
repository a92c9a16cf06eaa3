import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below what systems give to outgoing connections and to whoever listens on port 0 (Linux: 32768 and up), so that nobody is
 * handed it before the caller listens; and as low that the port 10,000 above is below it as well, which a Redis Cluster takes.
 */
const [FROM, TO] = [11_000, 22_000]

/** A port of this machine, from a range of its own, that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO)
    if ((await listens(port)) && (await listens(port + 10_000))) return port
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

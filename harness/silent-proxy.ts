import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that can swallow what passes, as a mobile network or a firewall does: no reset, no end, only silence. */
export interface SilentProxy {
  url: string
  /** From now on the connections there are carry nothing, either way, and never end by themselves; new ones pass. */
  swallow(): void
  /** The other way round of {@link swallow}: new connections are swallowed too, until told otherwise. */
  swallowNew(is: boolean): void
  stop(): Promise<void>
}

export async function startSilentProxy(targetUrl: string): Promise<SilentProxy> {
  const target = new URL(targetUrl)
  const pairs = new Set<{ sockets: Socket[]; silent: boolean }>()
  let newSilent = false
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    const pair = { sockets: [near, far], silent: newSilent }
    pairs.add(pair)
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (part) => pair.silent || to.write(part))
      from.on('error', () => {})
      from.on('close', () => pair.silent || to.destroy())
    }
    pass(near, far)
    pass(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    swallow() {
      for (const pair of pairs) pair.silent = true
    },
    swallowNew(is) {
      newSilent = is
    },
    async stop() {
      for (const { sockets } of pairs) for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

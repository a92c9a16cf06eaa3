import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** An address that is moved from one server to another, as a virtual IP or a balancer is: whoever is connected stays where they are. */
export interface TcpSwitch {
  port: number
  /** From now on new connections lead to this unix socket. */
  to(path: string): void
  stop(): Promise<void>
}

export async function startTcpSwitch(path: string): Promise<TcpSwitch> {
  let target = path
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target)
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const one of [near, far]) {
      sockets.add(one)
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one)
          end()
        })
    }
    near.pipe(far)
    far.pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    to(path) {
      target = path
    },
    async stop() {
      server.close()
      for (const one of sockets) one.destroy()
      await once(server, 'close')
    },
  }
}

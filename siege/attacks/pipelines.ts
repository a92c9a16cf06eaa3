import { type Attack, crowd, type Front, pause } from '../attack'
import { ended, socket } from '../raw'

/** Requests written one after another on a connection whose answers nobody reads. */

const SOCKETS = 5
/** So much is written to each: with two processes of attackers 608 KB in all. */
const BYTES = 60_800
/** In the world another connection takes a round trip or two, and another 60 KB some time on the line. */
const AGAIN_MS = 100
const PATHS = ['/openapi.json', '/api/merchants/M0001', '/', '/openapi.json']

async function pipeline(front: Front, nth: number): Promise<void> {
  const one = socket(front)
  one.pause()
  const request = `GET ${PATHS[nth % PATHS.length]} HTTP/1.1\r\nHost: a\r\n\r\n`
  const count = Math.ceil(BYTES / request.length)
  one.write(request.repeat(count))
  front.sent(count)
  await Promise.race([ended(front, one), pause(2_000)])
  one.destroy()
  await pause(AGAIN_MS)
}

export const pipelines: Attack = {
  name: 'pipelines',
  what: `${2 * SOCKETS} connections, each ${BYTES / 1_000} KB of pipelined requests, answers unread`,
  run: (front) => crowd(front, SOCKETS, (nth) => pipeline(front, nth)),
}

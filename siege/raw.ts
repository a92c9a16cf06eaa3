import { connect, type Socket } from 'node:net'
import { type Front, pick } from './attack'

/** A bare connection to the house from one of the attackers' addresses, whose end is counted and whose answers are by their first line. */
export function socket(front: Front, { host, port } = front.house): Socket {
  const made = connect({ host, port, localAddress: pick(front, front.addresses) })
  let failed = false
  made.on('error', (error: NodeJS.ErrnoException) => {
    failed = true
    if (front.going()) front.lost(error.code ?? 'error')
  })
  made.on('close', () => {
    if (!failed && front.going()) front.lost('hung up on')
  })
  void front.over.then(() => made.destroy())
  return made
}

/** Counts every answer that begins in what is read. A first line that is cut in two is not seen, which is fine for counting. */
export function countAnswers(front: Front, from: Socket): void {
  from.on('data', (bytes: Buffer) => {
    const text = bytes.toString('latin1')
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g))
      front.answered(Number(status), /^retry-after:/im.test(text), () => text.slice(0, 200))
  })
}

/** Until it is closed, or the attack is over. */
export function ended(front: Front, one: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => one.once('close', () => resolve()))
  return Promise.race([closed, front.over])
}

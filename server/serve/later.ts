import type { Socket } from 'node:net'

/** Long for who comes again at once, and nothing for who made a mistake. */
const LATER_MS = 1_000
/** A connection held costs a few kilobytes; beyond so many each ends at once. */
const MOST = 1_000
let held = 0

/**
 * Ends a connection that was refused, but not at once, and reads nothing of it meanwhile. An event loop takes one new connection each
 * time round, and in a queue of those that come again as fast as they are hung up on, people wait as well.
 */
export function later(connection: Socket, end: () => void): void {
  if (held >= MOST) {
    end()
    return
  }
  held++
  connection.pause()
  const timer = setTimeout(end, LATER_MS)
  connection.once('close', () => {
    held--
    clearTimeout(timer)
  })
}

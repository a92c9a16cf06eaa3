import type { IncomingMessage, ServerResponse } from 'node:http'
import { whenOver } from '../serve/over'

/** So many are at work together on any good day: nobody waits for anybody. */
const FEW = 16
/** In so long some ten to a hundred are served, which is enough to know how fast; and what is over sooner was a burst. */
const LOOK_MS = 100
/** What a look weighs against those before it. */
const WEIGHT = 0.5
/** Until it is known: nobody is refused for want of a figure. */
const GUESS_A_SECOND = 1_000

export interface ExpectedWait {
  /** Counts it among those who are here until it is over. */
  count(request: IncomingMessage, response: ServerResponse): void
  /** so long whoever comes now is here, ms; 0 while nobody waits for anybody, and in a burst that is over within a look or two */
  ms(): number
}

/**
 * By Little's law: those who are here, by how many are served in a second. Known at once, while whoever came is still waiting, and of whatever
 * it is that is slow: this process, its database, its machine. How late the event loop is says nothing where the database is what all wait for;
 * and where it is this process it says so when it is too late: a payment crosses the loop some ten times.
 * How fast people are served shows only while they wait; at other times it is at least what is seen.
 * @param now never jumps, ms
 * @param elsewhere how many only wait for a channel: that is the channel's trouble, and bounded there
 */
export function expectedWait(now: () => number, elsewhere: () => number): ExpectedWait {
  const open = new Map<ServerResponse, IncomingMessage>()
  let aSecond = GUESS_A_SECOND
  let lookedAt = now()
  let served = 0
  let theirs = 0
  let stands = false

  /** False of what is still being sent to us, and of an answer that is still being read: these wait for others. */
  const isOurs = ([response, request]: [ServerResponse, IncomingMessage]) => request.complete && !response.writableEnded
  const here = () => open.size - theirs - elsewhere()

  function look(): void {
    const at = now()
    if (at - lookedAt < LOOK_MS) return
    theirs = open.size - [...open].filter(isOurs).length
    const rate = (served * 1_000) / (at - lookedAt)
    const stood = stands
    stands = here() > FEW
    if (stands && stood) aSecond = Math.max(1, aSecond + (rate - aSecond) * WEIGHT)
    else if (!stands) aSecond = Math.max(aSecond, rate)
    lookedAt = at
    served = 0
  }

  /** Who asks too often, or was met by a fault, took no time of anybody's; who is told no for another reason was looked at like everybody. */
  function left(this: ServerResponse): void {
    open.delete(this)
    if (this.statusCode < 500 && this.statusCode !== 429 && this.writableEnded) served++
  }

  return {
    count(request, response) {
      open.set(response, request)
      whenOver(response, left)
    },
    ms() {
      look()
      return stands && here() > FEW ? (here() * 1_000) / aSecond : 0
    },
  }
}

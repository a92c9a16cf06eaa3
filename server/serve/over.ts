import type { ServerResponse } from 'node:http'

const TOLD = Symbol('who is told when it is over')
type Told = (this: ServerResponse) => void
type Answer = ServerResponse & { [TOLD]?: Told[] }

/**
 * Tells when an answer is over, sent or broken off, in the order in which it was asked for. One listener for however many of our stages:
 * koa's pipe to it has seven, and from the eleventh on node takes them for a leak.
 */
export function whenOver(response: ServerResponse, told: Told): void {
  const answer: Answer = response
  if (answer[TOLD]) answer[TOLD].push(told)
  else {
    answer[TOLD] = [told]
    answer.once('close', tell)
  }
}

function tell(this: Answer): void {
  for (const told of this[TOLD]!) told.call(this)
}

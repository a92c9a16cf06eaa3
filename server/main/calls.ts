import type { Logger } from 'pino'
import { type Call, verbsOf, type WatchCall } from '../channel/watched'
import type { Channel } from '../flow/ports'
import { breakerOpen } from '../http/metrics'
import { seenNow, type Told } from '../sight/context'
import { type CallOutcome, countCall, expectCalls } from '../sight/metrics'
import { newRequestId } from '../sight/request-id'
import { type Attributes, tracedCall } from '../sight/traces'

/** What those who run the house see of calls to channels: main's part that counts them and writes them down. */

/** A ping says nothing that /readyz doesn't. */
const NOT_LOGGED = new Set(['ping'])

/** Every call is counted, and has a line that joins our number of the request with ours of the order and theirs of the call. */
export function callsWatch(log: Logger): WatchCall {
  return async (call, make, outcomeOf) => {
    const told: Told = {}
    const began = performance.now()
    let outcome: CallOutcome = 'failed'
    try {
      const seen = { ...(seenNow() ?? { requestId: newRequestId() }), call: told }
      const answer = await tracedCall(`${call.channel} ${call.verb}`, seen, make, () => spanOf(call, told))
      outcome = outcomeOf(answer)
      return answer
    } finally {
      const ms = performance.now() - began
      countCall(call.channel, call.verb, outcome, ms / 1_000)
      if (!NOT_LOGGED.has(call.verb)) log.info({ ...call, ...told, outcome, ms: Math.round(ms) }, 'channel')
    }
  }
}

const PAYMENTS: readonly CallOutcome[] = ['succeeded', 'declined', 'pending', 'unknown', 'failed']
const OTHERS: readonly CallOutcome[] = ['done', 'failed']
const OF_PAYMENTS = new Set(['pay', 'confirm', 'query', 'close', 'refund', 'query-refund'])

function spanOf({ number }: Call, { theirs }: Told): Attributes {
  return { ...(number !== null && { 'fapai.number': number }), ...(theirs !== undefined && { 'fapai.theirs': theirs }) }
}

/** Counts from nought what may be called, and the breaker is closed. */
export function expectChannel(channel: Channel): void {
  breakerOpen.set({ channel: channel.name }, 0)
  for (const verb of verbsOf(channel)) {
    const outcomes = verb === 'statement' ? [...OTHERS, 'unknown' as const] : OTHERS
    expectCalls(channel.name, verb, OF_PAYMENTS.has(verb) ? PAYMENTS : outcomes)
  }
}

/** What channels are told of the request that calls them, and tell of themselves. */
export const numbers = {
  requestId: () => seenNow()?.requestId,
  onTheirs(number: string) {
    const call = seenNow()?.call
    if (call) call.theirs = number
  },
}

import { type Order, openAction } from '../../domain/order'
import type { Channel, ChannelReply, Channels } from '../ports'
import { type FinalizeDeps, finalize } from './finalize'
import { inPlace } from './in-place'

/** What its payer does with an order that waits for them (I11): every answer of the channel goes through finalize. */

export interface ActDeps extends FinalizeDeps {
  channels: Channels
}

export type ActResult =
  | { kind: 'order'; order: Order }
  | { kind: 'refused'; code: 'order-not-found' | 'challenge-gone' | 'channel-not-available' }
  /** `channel-busy`: as many wait for the channel as may; nothing was sent, a proof is still good */
  | { kind: 'later'; code: 'too-soon' | 'channel-busy'; retryAfterMs: number }

export interface ActInput {
  payerId: string
  orderNo: string
}

/**
 * Hands on what the payer brought against the challenge that is kept with the order, while that is open. An order that has ended is
 * told as it ended, so that a retry whose first answer was lost is no error. The proof is the bank's to read: it is neither
 * kept nor logged. A lost answer leaves the order as it is, to be asked about.
 */
export function confirmOrder(
  deps: ActDeps,
  { challengeId, proof, ...input }: ActInput & { challengeId: string; proof: string },
): Promise<ActResult> {
  return act(deps, input, async (order, channel) => {
    if (!channel.confirm || challengeOf(deps, order) !== challengeId) return refused('challenge-gone')
    return ended(deps, order, await channel.confirm(order, { challengeId, proof }))
  })
}

/** Has the code sent once more. @throws ChannelUnavailable */
export function resendCode(deps: ActDeps, input: ActInput): Promise<ActResult> {
  return act(deps, input, async (order, channel) => {
    const challengeId = challengeOf(deps, order)
    if (!channel.resend || challengeId === undefined) return refused('challenge-gone')
    const resent = await channel.resend(order, challengeId)
    switch (resent.kind) {
      case 'sent':
        return ended(deps, order, { verb: 'resend', outcome: { kind: 'pending' }, action: resent.action, raw: null })
      case 'too-soon':
        return { kind: 'later', code: 'too-soon', retryAfterMs: resent.retryAfterMs }
      case 'gone':
        return refused('challenge-gone')
    }
  })
}

/** Walks away: the order ends, and its card goes back, only by the channel's definite word; it may still say that it was paid. */
export function closeOrder(deps: ActDeps, input: ActInput): Promise<ActResult> {
  return act(deps, input, async (order, channel) => ended(deps, order, await channel.close(order)))
}

async function act(
  deps: ActDeps,
  { payerId, orderNo }: ActInput,
  deed: (order: Order, channel: Channel) => Promise<ActResult>,
): Promise<ActResult> {
  const order = await deps.ledger.order(orderNo)
  if (order?.payerId !== payerId) return refused('order-not-found')
  if (order.state !== 'paying') return { kind: 'order', order }
  const channel = deps.channels.get(order.channel)
  if (!channel) return refused('channel-not-available')
  const result = await inPlace(channel, () => deed(order, channel))
  return result.kind === 'busy' ? { kind: 'later', code: 'channel-busy', retryAfterMs: result.retryAfterMs } : result
}

/** From the call on the channel may have booked: whatever fails here is an alarm, and no error to the payer. */
async function ended(deps: ActDeps, order: Order, reply: ChannelReply): Promise<ActResult> {
  try {
    return { kind: 'order', order: await finalize(deps, order, reply) }
  } catch (error) {
    deps.onAlarm({ code: `${reply.verb}-not-finalized`, orderNo: order.orderNo, error })
    return { kind: 'order', order }
  }
}

/** The challenge that a proof can be brought against now. */
function challengeOf({ clock }: ActDeps, order: Order): string | undefined {
  const action = openAction(order, clock.now())
  return action?.kind === 'challenge' ? action.params.challengeId : undefined
}

function refused(code: (ActResult & { kind: 'refused' })['code']): ActResult {
  return { kind: 'refused', code }
}

import type { OrderView } from '@contract'
import { type ApiError, api } from '../../api'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'
import { type Intent, intents, isKept } from './intents'

export type Settled =
  | { kind: 'order'; order: OrderView }
  | { kind: 'refused'; error: ApiError }
  /** how it went isn't known, and to ask further is of no use here and now; it stays kept */
  | { kind: 'open'; error: ApiError }

/** Pauses between attempts; the last one again and again. */
const PAUSES_MS = [500, 1_500, 3_000, 5_000, 10_000, 15_000]
/** After so many quick ones, some five seconds, the payer is told that it isn't known; after a slow one at once. */
const ATTEMPTS_BEFORE_TELLING = 4

/** Sends one intent, with its one key, until the answer is definite. It's kept on the device from before the first attempt. */
export class Settling {
  private ended = false
  private wake = () => {}

  constructor(
    readonly intent: Intent,
    /** told after each attempt that left it unknown, once the payer has waited for it */
    private readonly onUnsure: () => void,
  ) {}

  /** `fresh`: never sent before. Undefined when it was stopped first; it is still kept then. */
  async run(fresh: boolean): Promise<Settled | undefined> {
    const stopReturn = host.onReturn(() => this.hurry())
    const settled = await this.attempts(fresh)
    stopReturn()
    if (settled && settled.kind !== 'open') intents.forget(this.intent)
    return settled
  }

  /** Asks now instead of after the pause. */
  hurry(): void {
    this.wake()
  }

  stop(): void {
    this.ended = true
    this.wake()
  }

  private async attempts(fresh: boolean): Promise<Settled | undefined> {
    const { key, quoteId, agreementId } = this.intent
    intents.keep(this.intent)
    for (let attempt = 1; !this.ended; attempt++) {
      try {
        return { kind: 'order', order: await api.pay({ quoteId, agreementId }, key) }
      } catch (error) {
        const fault = faultOf(error)
        const first = fresh && attempt === 1
        if (!first && (isOfAsker(fault) || !isKept(this.intent))) return { kind: 'open', error: fault }
        if (isFinal(fault, first)) return { kind: 'refused', error: fault }
        if (attempt >= ATTEMPTS_BEFORE_TELLING || fault.kind === 'timeout' || !fresh) this.onUnsure()
        if (!this.ended) await this.pause(PAUSES_MS[Math.min(attempt, PAUSES_MS.length) - 1]!, fault.retryAfterMs)
      }
    }
    return undefined
  }

  /** A hurry ends a pause, but never one that the server asked for. */
  private pause(ms: number, askedMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms, askedMs))
      this.wake = () => {
        if (askedMs > 0 && !this.ended) return
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/**
 * What ends an intent without an order. The first attempt did nothing when the server says so. A later one may be refused
 * while an earlier has reached the bank, unless it is refused for what it is: the server looks for the key's order first.
 */
function isFinal(fault: ApiError, first: boolean): boolean {
  return fault.didNothing && (first || !isPassing(fault))
}

/** Refused for who asks: they aren't let in any more, or another paid on this device. It says nothing of the payment. */
function isOfAsker({ didNothing, status }: ApiError): boolean {
  return didNothing && status === 403
}

/** Refused for a reason that isn't the payment's own, and passes. */
export function isPassing({ status }: ApiError): boolean {
  return status >= 500 || status === 401 || status === 429
}

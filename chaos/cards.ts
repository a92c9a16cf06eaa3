import type { QuoteView } from '../server/http/contract'
import type { Paid, Quoted } from './till'
import type { Told } from './told'
import type { Verdict } from './verdict'

interface Held {
  slot: number
  /** since when, and for how long, the payer must find this card and no other, ms since the epoch */
  from: number
  until: number
}

/** Which card each payer was last shown at each merchant, and whether the next quote shows the same (I8). */
export class Cards {
  private readonly held = new Map<string, Held>()
  /** where an order of the payer was not seen to its end: its card may come back to them at any time */
  private readonly unsure = new Set<string>()

  constructor(
    private readonly told: Told,
    private readonly verdict: Verdict,
    private readonly quoteLifeMs: number,
  ) {}

  quoted(payer: string, merchantCode: string, { view, sentAt, at }: Quoted): void {
    const name = `${payer}|${merchantCode}`
    // Below the threshold no card is looked for; when a store is away, none can be.
    if (view.reason === 'below-threshold' || view.reason === 'discount-unavailable') return
    const slot = slotOf(view)
    if (slot !== null) this.told.shown.push({ merchantCode, slot, sentAt, at })
    const held = this.held.get(name)
    if (held && at < held.until && !this.unsure.has(name)) {
      this.verdict.checked('I8', 'within a live lease a payer is quoted one and the same card')
      if (slot !== held.slot)
        this.told.switched.push({
          payer,
          merchantCode,
          from: held.from,
          to: at,
          heldSlot: held.slot,
          nowSlot: slot,
          reason: view.reason,
        })
    }
    if (slot === null) this.held.delete(name)
    else this.held.set(name, { slot, from: sentAt, until: Date.parse(view.expiresAt) })
  }

  /** What became of a quote that was paid; one answer a tap. */
  paid(payer: string, merchantCode: string, { view }: Quoted, answers: readonly Paid[]): void {
    const slot = slotOf(view)
    if (slot === null) return
    const name = `${payer}|${merchantCode}`
    this.held.delete(name)
    const [first] = answers
    if (answers.every((one) => one.kind === 'order' && one.order.state === 'paid')) return
    if (answers.length === 1 && first?.kind === 'order' && first.atOnce && first.order.state === 'closed') {
      // Given back before the answer left, and kept for this payer: paying in vain draws no other card.
      this.held.set(name, { slot, from: first.sentAt, until: first.sentAt + this.quoteLifeMs })
      return
    }
    this.unsure.add(name)
  }
}

/** A quote is a sealed value that anyone may read (domain/seal.ts); its card tells more than its discount, which two may share. */
function slotOf({ quoteId }: QuoteView): number | null {
  const text = Buffer.from(quoteId.split('.')[0]!, 'base64url').toString()
  return (JSON.parse(text) as { card: { slot: number } | null }).card?.slot ?? null
}

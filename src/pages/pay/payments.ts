import type { OrderView, QuoteView } from '@contract'
import { type ApiError, api, payerNow, serverNow } from '../../api'
import { mostFen } from '../../money'
import { host } from '../../platform/host'
import { randomText } from '../../platform/sandbox'
import { faultOf } from '../../sentences'
import { type Intent, intents, isKept } from './intents'
import { isPassing, type Settled, Settling } from './settle'

/** `again` goes on with what the payer was about to pay; undefined where nothing was under way. */
type Again = { again?: (() => void) | undefined }

export type PaymentState =
  | { kind: 'idle' }
  | { kind: 'sending' }
  /** No definite answer: the payer must not start another payment without knowing. `lost`: it can't be asked for without another log-in. */
  | ({ kind: 'unsure'; intent: Intent; lost?: boolean } & Again)
  /** an unfinished or just-paid order here: to be seen before another payment */
  | ({ kind: 'earlier'; order: OrderView } & Again)
  /** Nothing was debited. `past`: it is about that payment, and not about one the payer has just asked for. */
  | ({ kind: 'refused'; error: ApiError; past?: Intent | undefined } & Again)

interface Listener {
  onState(state: PaymentState): void
  /** what the server and this device know of earlier payments here */
  onEarlier(orders: OrderView[], open: Intent[]): void
  /** the order that the payer's payment became: show how it went */
  onOrder(order: OrderView): void
}

/**
 * The payments of one payer at one merchant. Nobody pays twice by misunderstanding: before each payment the server is asked
 * for unfinished and just-paid orders, and an answer that was lost is asked for until it is definite, also after a reload.
 */
export class Payments {
  private state: PaymentState = { kind: 'idle' }
  private orders: OrderView[] = []
  private readonly settlings = new Map<string, Settling>()
  /** keys whose payer didn't want to wait: their news is told, and takes nobody to another page */
  private readonly quiet = new Set<string>()
  /** orders and keys after which the payer chose to pay again, knowingly */
  private readonly accepted = new Set<string>()
  /** keys of another person, kept on this device for them */
  private readonly foreign = new Set<string>()
  /** the intent of a quote and an account, so that a second try of it has the same key */
  private readonly intended = new Map<string, Intent>()
  /** who they are, once that is known */
  private payer: string | undefined
  /** what was left open by the payer has been taken up */
  private taken = false
  /** the page has handed over to that of an order */
  private over = false
  private closed = false

  constructor(
    private readonly merchantCode: string,
    private readonly listener: Listener,
  ) {}

  /** Takes up what was left open, here and at the server. Gives the way to end it. */
  open(): () => void {
    this.takeUp()
    const stopReturn = host.onReturn(() => this.lookAndTell())
    this.tell()
    this.lookAndTell()
    return () => {
      this.closed = true
      stopReturn()
      for (const settling of this.settlings.values()) settling.stop()
    }
  }

  /** Pays, unless something earlier has to be seen first. A second tap while a payment is under way does nothing. */
  async pay(quote: QuoteView, agreementId?: string): Promise<void> {
    if (this.state.kind !== 'idle') return
    const again = () => void this.pay(quote, agreementId)
    if (this.doubts(again)) return
    this.go({ kind: 'sending' })
    try {
      await this.look()
    } catch (error) {
      // a question that wasn't answered: nothing was sent that could debit anybody
      return this.go({ kind: 'refused', error: faultOf(error), again })
    }
    // only now is it known for certain who pays
    if (this.doubts(again)) return
    if (!this.tell(again)) this.follow(this.intentOf(quote, agreementId), true)
  }

  /** What is open is to be known first, and is asked for meanwhile; true when there is something. */
  private doubts(again: () => void): boolean {
    const [doubt] = this.doubtful()
    if (!doubt) return false
    this.quiet.add(doubt.key)
    this.follow(doubt, false)
    this.go({ kind: 'unsure', intent: doubt, again })
    return true
  }

  /** Goes on with what was left open here by whoever is logged in; once, as soon as that is known. */
  private takeUp(): void {
    if (this.taken || this.closed || payerNow() === undefined) return
    this.taken = true
    for (const intent of this.kept()) this.follow(intent, false)
  }

  /** Asks about an open payment now, and waits for its answer. */
  confirm(intent: Intent): void {
    this.quiet.delete(intent.key)
    const settling = this.settlings.get(intent.key)
    if (settling) {
      this.go({ kind: 'sending' })
      settling.hurry()
    } else this.follow(intent, false)
  }

  /** Doesn't wait: what is open stays open, is asked about further, and is shown again before the next payment. */
  leave(intent: Intent): void {
    this.quiet.add(intent.key)
    this.go({ kind: 'idle' })
    this.tell()
  }

  /** The payer wants another payment beside those shown. */
  payAgain(): void {
    for (const { orderNo } of this.orders) this.accepted.add(orderNo)
    for (const { key } of this.doubtful()) this.accepted.add(key)
    this.goOn()
  }

  /** Closes what was asked, and goes on with what the payer was about to pay, if with anything. */
  goOn(): void {
    const again = 'again' in this.state ? this.state.again : undefined
    this.go({ kind: 'idle' })
    again?.()
  }

  /** The page is in sight again. Where it had handed over, that page lay above it and is gone, or never came. */
  back(): void {
    if (!this.over) return
    this.over = false
    this.go({ kind: 'idle' })
    this.lookAndTell()
  }

  /** Closes what was asked, and pays nothing. */
  dismiss(): void {
    this.go({ kind: 'idle' })
  }

  private go(state: PaymentState): void {
    this.state = state
    if (!this.closed) this.listener.onState(state)
  }

  private intentOf(quote: QuoteView, agreementId: string | undefined): Intent {
    const { merchantCode } = this
    const { quoteId } = quote
    const payableFen = mostFen(quote)
    const one = `${quoteId} ${agreementId}`
    const known = this.intended.get(one)
    const payer = payerNow()
    const intent = known ?? { key: newKey(), quoteId, agreementId, merchantCode, payer, payableFen, at: serverNow() }
    this.intended.set(one, intent)
    return intent
  }

  /** Their payments that are open on this device, of other tabs too; nobody is told of any before it is known who they are. */
  private kept(): Intent[] {
    // one whose log-in was lost is still who they were, until another logs in, for whom the page begins anew
    this.payer = payerNow() ?? this.payer
    if (this.payer === undefined) return []
    return intents.of(this.merchantCode, this.payer).filter(({ key }) => !this.foreign.has(key))
  }

  /** Those that the payer hasn't accepted. */
  private doubtful(): Intent[] {
    return this.kept().filter(({ key }) => !this.accepted.has(key))
  }

  /** Without an answer the page goes on: it is asked for again before anything is paid. */
  private lookAndTell(): void {
    this.look().then(() => {
      this.takeUp()
      this.tell()
    }, ignore)
  }

  private async look(): Promise<void> {
    const { items } = await api.recentOrders(this.merchantCode)
    this.orders = items.filter(isOwing)
  }

  /** Shows what is known, and asks the payer when there is an order they haven't seen; true when it asks. */
  private tell(again?: () => void): boolean {
    if (this.closed) return true
    this.listener.onEarlier(this.orders, this.kept())
    const unseen = this.orders.filter(({ orderNo }) => !this.accepted.has(orderNo))
    const order = unseen.find(({ state }) => state === 'paying') ?? unseen[0]
    if (!order || (this.state.kind !== 'idle' && !again)) return false
    this.go({ kind: 'earlier', order, again })
    return true
  }

  private follow(intent: Intent, fresh: boolean): void {
    if (this.settlings.has(intent.key)) return
    if (!this.quiet.has(intent.key)) this.go({ kind: 'sending' })
    const settling = new Settling(intent, () => {
      if (!this.quiet.has(intent.key)) this.go({ kind: 'unsure', intent })
    })
    this.settlings.set(intent.key, settling)
    void settling.run(fresh).then((settled) => {
      this.settlings.delete(intent.key)
      if (!settled || this.closed) return
      if (settled.kind === 'open') this.leftOpen(intent, settled.error)
      else void this.settled(intent, settled, fresh)
    })
  }

  /** Nothing is told of what another paid or what is a day old; of the payer's own that it isn't known. */
  private leftOpen(intent: Intent, { code, loggedOut: lost }: ApiError): void {
    const { key } = intent
    // what the same quote pays from now on is another payment
    this.intended.clear()
    if (code === 'quote-foreign') this.foreign.add(key)
    const open = isKept(intent) && !this.foreign.has(key)
    const { state } = this
    const asks = state.kind === 'unsure' && state.intent.key === key
    const waits = state.kind === 'sending' && !this.quiet.has(key)
    if (!open && (waits || asks)) this.go({ kind: 'idle' })
    else if (waits) this.go({ kind: 'unsure', intent, lost })
    else if (asks) this.go({ ...state, lost })
    this.tell()
  }

  private async settled(intent: Intent, settled: Exclude<Settled, { kind: 'open' }>, fresh: boolean): Promise<void> {
    const quiet = this.quiet.has(intent.key)
    if (settled.kind === 'order' && !quiet) {
      this.over = true
      return this.listener.onOrder(settled.order)
    }
    // A refusal may come of what was paid in another tab; that order, then, is what there is to be seen.
    await this.look().catch(ignore)
    const { state } = this
    const asks = state.kind === 'unsure' && state.intent.key === intent.key
    if (!quiet || asks) this.go({ kind: 'idle' })
    const again = asks ? state.again : undefined
    if (this.tell(again) || settled.kind === 'order' || this.state.kind !== 'idle') return
    const { error } = settled
    const past = quiet || !fresh ? intent : undefined
    const retry = isPassing(error) ? () => this.follow(intent, true) : undefined
    this.go({ kind: 'refused', error, past, again: past ? again : retry })
  }
}

const ignore = () => {}

/** What was given back in full is no payment to be mistaken for another. */
const isOwing = ({ refundedFen, payableFen }: OrderView) => refundedFen < payableFen

/** Keys are compared among one payer's only, so this much chance is plenty: 24 symbols of 36 and the time. */
function newKey(): string {
  return `${Date.now().toString(36)}-${randomText(24)}`
}

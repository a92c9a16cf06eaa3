import { type ChannelName, OWN_CHANNEL, type Wallet } from '../server/domain/channel'
import type { OrderView, QuoteView } from '../server/http/contract'
import type { Cards } from './cards'
import { pause } from './part'
import { type Rng, rng } from './random'
import type { MerchantDesk } from './refunds'
import { asked, type Paid, payUntilAnswered, type Quoted, type Till } from './till'
import type { Verdict } from './verdict'
import { atTheWallet } from './wallet/payer'

/** A person with a session. One visit of theirs at a time. */
export interface Person {
  name: string
  token: string
}

export interface Street extends Till {
  seed: string
  cards: Cards
  desk: MerchantDesk
  verdict: Verdict
  /** by which one can pay beside the bank */
  wallets: readonly Wallet[]
}

/** One visit: who, where, by what they pay, and what it draws. */
interface Visited {
  person: Person
  merchantCode: string
  channel: ChannelName
  nth: number
  draw: Rng
}

const PAYABLE = 'whoever keeps trying gets an answer to a pay'
/** Refusals that a payer may be told in a chaos, and who then quotes anew. */
const QUOTE_AGAIN = new Set(['quote-expired', 'slot-taken', 'card-limit-reached'])

/**
 * One visit to a counter, drawn from the seed: a quote, perhaps others with other amounts, then nothing or a payment, tapped
 * once or several times, at one BFF or several; perhaps a refund later. `nth` names it.
 */
export async function visit(street: Street, who: Omit<Visited, 'draw'>): Promise<void> {
  const { told, verdict } = street
  const { merchantCode, nth } = who
  const draw = rng(street.seed, 'visit', nth)
  const visited = { ...who, draw }
  let amountFen = amount(draw)
  let quoted = await quote(street, visited, amountFen)
  while (quoted && draw.chance(25)) {
    if (draw.chance(60)) amountFen = amount(draw)
    quoted = await quote(street, visited, amountFen)
  }
  if (!quoted) return
  if (draw.chance(8)) return told.count('quotes abandoned')
  if (draw.chance(3)) await pause(Math.max(0, Date.parse(quoted.view.expiresAt) - Date.now()) + draw.between(0, 4_000))
  // The page of a payer whose card is gone, or who was too slow, quotes anew and asks whether to go on.
  for (let again = 0; quoted && again < 4; again++) {
    const paid = await payOnce(street, visited, quoted, again)
    verdict.look('I9', PAYABLE, paid.kind === 'given-up' ? `visit ${nth} at ${merchantCode}` : undefined)
    if (paid.kind === 'given-up') return
    if (paid.kind === 'order') return afterwards(street, visited, paid.order)
    told.count(`pays refused: ${paid.code}${paid.afterLoss ? ', after a request was lost' : ''}`)
    const known = QUOTE_AGAIN.has(paid.code)
    verdict.look(
      'HTTP',
      'a pay is refused only for what the payer did',
      known ? undefined : `visit ${nth}: ${paid.code}`,
    )
    if (!known) return
    quoted = await quote(street, visited, amountFen)
  }
}

/** Mostly enough for a card, sometimes just not; some with an odd fen. */
function amount(draw: Rng): number {
  if (draw.chance(10)) return draw.between(1, 999)
  return draw.chance(20) ? 1_000 : draw.between(1_000, 30_000)
}

async function quote(street: Street, visited: Visited, amountFen: number): Promise<Quoted | undefined> {
  const { client, told, cards, verdict } = street
  const { draw, person, merchantCode, channel } = visited
  const { token } = person
  const body = { merchantCode, amountFen, channel }
  const answer = await asked(street, draw, (bff) => client.call<QuoteView>(bff, 'POST', '/api/quotes', { token, body }))
  const refused = answer?.kind === 'ok' ? undefined : `${merchantCode} ${amountFen}: ${answer?.code ?? 'no answer'}`
  verdict.look('HTTP', 'every amount can be quoted', refused)
  if (answer?.kind !== 'ok') return undefined
  const quoted = { view: answer.body, sentAt: answer.sentAt, at: answer.at }
  told.count(quoted.view.reason === null ? 'quotes with a discount' : `quotes without: ${quoted.view.reason}`)
  // Who looks what a wallet would cost keeps the card that the bank's own quote showed.
  if (channel === OWN_CHANNEL) cards.quoted(person.name, merchantCode, quoted)
  return quoted
}

/** Pays a quote: one tap, several of one key at several BFFs, or two keys at once, of which one order may come at the most. */
async function payOnce(street: Street, visited: Visited, quoted: Quoted, again: number): Promise<Paid> {
  const { draw, person, merchantCode, nth } = visited
  const { view } = quoted
  const key = `chaos-${nth}-${again}`
  const kind = draw.below(100)
  const keys =
    kind < 70 ? [key] : kind < 95 ? Array.from({ length: draw.between(2, 3) }, () => key) : [key, `${key}-other`]
  const pay = (one: string, tap: number) => {
    const payment = { token: person.token, key: `${one}-of-${nth}`, quoteId: view.quoteId }
    return payUntilAnswered(street, rng(street.seed, 'tap', nth, again, tap), payment)
  }
  const answers = await Promise.all(keys.map(pay))
  const orders = answers.flatMap((answer) => (answer.kind === 'order' ? [answer.order] : []))
  for (const order of orders) street.told.order(order, person.name, nth, view)
  if (keys.length > 1) street.told.count('pays tapped several times')
  const numbers = new Set(orders.map((order) => order.orderNo))
  const sample = numbers.size > 1 ? `visit ${nth}: ${[...numbers].join(', ')}` : undefined
  street.verdict.look('I6', 'all taps on one quote are one order', sample)
  street.cards.paid(person.name, merchantCode, quoted, answers)
  return (
    answers.find((answer) => answer.kind === 'order') ?? answers.find(({ kind }) => kind === 'refused') ?? answers[0]!
  )
}

/** The page of the result, for some until it has ended; the merchant's refund, for some. */
async function afterwards(street: Street, visited: Visited, opened: OrderView): Promise<void> {
  const { client, told, verdict } = street
  const { draw, person, nth } = visited
  const { token } = person
  let order = opened
  if (order.action) await atTheWallet(street, person, draw, order)
  // While nobody knows whether it was booked its card stays held: even its own payer is shown another.
  if (order.state === 'paying' && draw.chance(40)) await quote(street, visited, Math.max(1_000, order.amountFen))
  for (let polls = draw.chance(60) || order.action ? 8 : 0; order.state === 'paying' && polls > 0; polls--) {
    await pause(draw.between(200, 1_200))
    const path = `/api/orders/${order.orderNo}`
    const answer = await asked(street, draw, (bff) => client.call<OrderView>(bff, 'GET', path, { token }))
    const gone = answer?.kind === 'problem' ? `${order.orderNo}: ${answer.code}` : undefined
    verdict.look('LOST', 'an acknowledged order is found again', gone)
    if (answer?.kind !== 'ok') return
    order = answer.body
    told.order(order, person.name, nth)
  }
  // Whoever is refused by the bank may try again, with the same card (I8).
  if (order.state === 'closed' && draw.chance(50)) await quote(street, visited, Math.max(1_000, order.amountFen))
  if (order.state === 'paid' && draw.chance(12)) await street.desk.refund(draw, order)
}

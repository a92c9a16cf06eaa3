import { isDeepStrictEqual } from 'node:util'
import { defaultOf } from '../../server/domain/agreement'
import { addDays, daysFrom } from '../../server/domain/business-date'
import { CHANNELS } from '../../server/domain/channel'
import { NOTHING_HELD } from '../../server/domain/held'
import type { Order } from '../../server/domain/order'
import { balanced, type Posting } from '../../server/domain/posting'
import { NOTHING_REFUNDED, type Refund, savedFen } from '../../server/domain/refund'
import { sumsOf } from '../../server/domain/settlement'
import type {
  AgreementBook,
  Believed,
  Catalog,
  ChannelReply,
  Decks,
  FeedEvent,
  Ledger,
  Merchant,
  OpenOrder,
  RefundLedger,
  WatchedFeed,
} from '../../server/flow/ports'
import { LedgerUnavailable } from '../../server/flow/ports'
import type { FoodStreet, SeedCampaign } from '../../server/store/sql/seed'
import { copied } from './copied'
import { type Evidence, fakeAgreements } from './fake-agreements'
import { fakeDecks } from './fake-decks'
import { pageOf, rank } from './fake-lists'
import { fakeRefunds, isDue, type RefundNote } from './fake-refunds'
import { settled } from './fake-settlements'

interface Kept {
  order: Order
  attempts: number
  nextQueryAt: number
  request: unknown
  /** when a closed order's slot is to be given back, if nobody has */
  returnAt?: number
}

export type Note = ChannelReply & { orderNo: string; conflict: string | null; at: number }

export interface FakeLedger extends Ledger, RefundLedger, Catalog, WatchedFeed {
  seed(street: FoodStreet): void
  readonly decks: Decks
  readonly agreementBook: AgreementBook
  readonly consents: readonly Evidence[]
  /** While true every verb but `nudge` throws LedgerUnavailable. */
  down: boolean
  /** What tests look at: postings and noted replies in the order they were written. */
  readonly postings: (Posting & { orderNo: string; refundNo?: string })[]
  readonly notes: Note[]
  readonly refundNotes: RefundNote[]
  /** every order as it stands, oldest first; not copies */
  all(): Order[]
  allRefunds(): ReadonlyMap<string, Refund>
  committedFen(campaignId: string): number
  setBudget(campaignId: string, budgetFen: number): void
  /** What an import, or the correction of its branch, changes of a merchant. */
  change(merchantCode: string, changed: Partial<Merchant>): void
}

/** Ledger, RefundLedger, Catalog and Feed in memory, for tests of the flow. It passes the contract suites that the SQL ones pass. */
export function fakeLedger(): FakeLedger {
  const merchants = new Map<string, Merchant>()
  const campaigns = new Map<string, SeedCampaign & { merchantCodes: readonly string[]; committedFen: number }>()
  const agreements = fakeAgreements()
  const orders = new Map<string, Kept>()
  const keys = new Map<string, { orderNo: string; inputHash: string }>()
  const spent = new Map<string, number>()
  const outbox: { merchantCode: string; orderNo: string }[] = []
  const subscribers = new Set<{ merchantCode: string; next: number; onEvent(event: FeedEvent): void }>()
  const postings: FakeLedger['postings'] = []
  const notes: Note[] = []
  const refunds = fakeRefunds({
    order: (orderNo) => orders.get(orderNo)?.order,
    post: (more) => void postings.push(...more),
    tell: (orderNo) => void outbox.push({ merchantCode: orders.get(orderNo)!.order.merchantCode, orderNo }),
  })

  const decks = fakeDecks({
    campaigns: () => [...campaigns.values()],
    applies: (code, date) => applying(code, date)?.campaignId,
    merchant: (code) => merchants.get(code),
    orders: () => every(),
    glBackFen: refunds.glBackFen,
  })

  function applying(merchantCode: string, date: string) {
    const named = [...campaigns.values()].filter(
      (one) => one.merchantCodes.includes(merchantCode) && one.state !== 'draft' && one.state !== 'submitted',
    )
    return named.sort((a, b) => rank(a, b, date))[0]
  }
  const every = () => [...orders.values()].map((kept) => kept.order)
  const dayOf = (order: Order) => `${order.payerId}|${order.channel}|${order.businessDate}`
  const paidOf = (code: string, date: string) =>
    every().filter((o) => o.state === 'paid' && o.merchantCode === code && o.businessDate === date)

  function tell() {
    for (const subscriber of subscribers)
      for (; subscriber.next < outbox.length; subscriber.next++) {
        const row = outbox[subscriber.next]!
        if (row.merchantCode === subscriber.merchantCode)
          subscriber.onEvent({ cursor: `1-${subscriber.next}`, orderNo: row.orderNo })
      }
  }

  const waitMs = (waits: number) => 1000 * Math.min(2 ** waits, 16)

  function holderOf(order: Order): Order | undefined {
    const { card } = order
    return every().find(
      (other) =>
        card &&
        other.state !== 'closed' &&
        other.card?.campaignId === card.campaignId &&
        other.card.slot === card.slot &&
        other.merchantCode === order.merchantCode &&
        other.card.businessDate === card.businessDate,
    )
  }

  /** Whether the person, by the payer's id or the account of their agreement, has used as many cards of its date as one may. */
  function hasAll({ card, payerId, payerRef, merchantCode, accounts }: Order): boolean {
    const campaign = card && campaigns.get(card.campaignId)
    if (!campaign) return false
    const signed = agreements.of(payerId).some((one) => one.agreementId === payerRef)
    const ofDate = every().filter(
      (one) =>
        one.state !== 'closed' &&
        one.card?.campaignId === card.campaignId &&
        one.card.businessDate === card.businessDate,
    )
    const most = (held: Order[]) =>
      held.length >= (campaign.maxPerPayerPerCampaignDay ?? Number.POSITIVE_INFINITY) ||
      held.filter((one) => one.merchantCode === merchantCode).length >=
        (campaign.maxPerPayerPerDay ?? Number.POSITIVE_INFINITY)
    return (
      most(ofDate.filter((one) => one.payerId === payerId)) ||
      (signed && most(ofDate.filter((one) => one.accounts.payer === accounts.payer)))
    )
  }

  /** Whether what an order was made of is still so. */
  function holds({ merchant: was, agreement }: Believed, order: Order): boolean {
    const purse = order.card && decks.purse({ ...order.card, merchantCode: order.merchantCode })
    if (purse === undefined || (purse && purse.branchCode !== order.branchCode)) return false
    const merchant = merchants.get(order.merchantCode)
    if (!merchant || merchant.disabled || !isDeepStrictEqual({ ...merchant, ...was }, merchant)) return false
    if (!agreement) return true
    const inForce = agreements.of(order.payerId).filter((one) => one.endedAt === null)
    const now = agreement.isDefault
      ? defaultOf(inForce)
      : inForce.find((one) => one.agreementId === agreement.agreementId)
    return now?.agreementId === agreement.agreementId && now.account === agreement.account
  }

  const verbs: Ledger & RefundLedger & Catalog = {
    ...refunds.verbs,
    async commitDeck(deck, exposureFen, short) {
      return decks.commit(deck, exposureFen, short)
    },
    async deck(deck) {
      return decks.dealt(deck)
    },
    async usedSlots(deck) {
      return decks
        .held(deck)
        .map((order) => ({ slot: order.card!.slot, payerId: order.payerId }))
        .sort((a, b) => a.slot - b.slot)
    },
    async openOrder(input: OpenOrder) {
      const { order, idempotency, dailyLimitFen, request, firstQueryAt, openBy = null, believed } = input
      if (believed && !holds(believed, order)) return { kind: 'outdated' }
      const key = `${order.payerId}|${idempotency.key}`
      const made = keys.get(key)
      if (made)
        return made.inputHash === idempotency.inputHash
          ? { kind: 'replayed', order: copied(orders.get(made.orderNo)!.order) }
          : { kind: 'key-reused' }
      if (every().some((other) => other.quoteNonce === order.quoteNonce)) return { kind: 'quote-used' }
      if (openBy !== null && Date.now() >= openBy) return { kind: 'too-late' }
      const { card, merchantCode } = order
      if (card && decks.isGone({ ...card, merchantCode }, card.commitment ?? '')) return { kind: 'deck-closed' }
      const dayFen = (spent.get(dayOf(order)) ?? 0) + order.figures.amountFen
      if (dayFen > dailyLimitFen) return { kind: 'daily-limit' }
      if (hasAll(order)) return { kind: 'card-limit' }
      if (orders.has(order.orderNo)) return { kind: 'order-no-taken' }
      const holder = holderOf(order)
      if (holder) return { kind: 'slot-taken', payerId: holder.payerId }
      spent.set(dayOf(order), dayFen)
      orders.set(order.orderNo, { order: copied(order), attempts: 0, nextQueryAt: firstQueryAt, request })
      keys.set(key, { orderNo: order.orderNo, inputHash: idempotency.inputHash })
      return { kind: 'opened' }
    },
    async endOrder({ orderNo }, ending) {
      if (ending.state === 'paid' && !balanced(ending.postings)) throw new Error(`postings of ${orderNo} don't balance`)
      const order = orders.get(orderNo)?.order
      if (!order) throw new Error(`no order ${orderNo} to end`)
      if (order.state !== 'paying') return 'already-ended'
      if (ending.state === 'paid') {
        Object.assign(order, {
          state: 'paid',
          action: null,
          endedAt: ending.endedAt,
          channelTradeNo: ending.channelTradeNo,
          verification: ending.verification,
        })
        postings.push(...ending.postings.map((posting) => ({ ...posting, orderNo })))
        outbox.push({ merchantCode: order.merchantCode, orderNo })
      } else {
        Object.assign(order, {
          state: 'closed',
          action: null,
          endedAt: ending.endedAt,
          closeReason: ending.closeReason,
        })
        const kept = orders.get(orderNo)!
        const claimed = kept.attempts > 0 ? kept.nextQueryAt : 0
        if (order.card) kept.returnAt = Math.max(ending.endedAt + 5_000, claimed)
        spent.set(dayOf(order), spent.get(dayOf(order))! - order.figures.amountFen)
      }
      return 'ended'
    },
    async noteReply(orderNo, reply, conflict, at) {
      const kept = orders.get(orderNo)
      if (!kept) throw new Error(`no order ${orderNo}`)
      notes.push({ ...reply, orderNo, conflict, at })
      const answered = (reply.verb === 'query' || reply.verb === 'close') && kept.attempts > 0
      if (answered) kept.nextQueryAt = at + waitMs(kept.attempts - 1)
      if (reply.action?.kind === 'challenge') kept.nextQueryAt = at + 16_000
      else if (reply.verb === 'confirm' && reply.outcome.kind === 'unknown') kept.nextQueryAt = at + 1_000
      if (reply.action && kept.order.state === 'paying') kept.order.action = reply.action
      return kept.order.state
    },
    async order(orderNo) {
      return copied(orders.get(orderNo)?.order)
    },
    async ordersOfQuotes(nonces) {
      const made = [...orders.values()].filter(({ order }) => nonces.includes(order.quoteNonce))
      return made.map(({ order }) => ({ nonce: order.quoteNonce, state: order.state }))
    },
    async orderByKey(payerId, key) {
      const made = keys.get(`${payerId}|${key}`)
      return made && { order: copied(orders.get(made.orderNo)!.order), inputHash: made.inputHash }
    },
    async claimDue(channels, now, limit, claimMs = 0) {
      const due = [...orders.values()].filter(
        (kept) =>
          kept.order.state === 'paying' &&
          channels.includes(kept.order.channel) &&
          isDue(kept.nextQueryAt, now, claimMs + 90_000),
      )
      due.sort((a, b) => a.nextQueryAt - b.nextQueryAt)
      return due.slice(0, limit).map((kept) => {
        kept.nextQueryAt = now + Math.max(waitMs(kept.attempts), claimMs)
        return { order: copied(kept.order), attempt: ++kept.attempts }
      })
    },
    async backlog() {
      const unknown = [...orders.values()].filter((kept) => kept.order.state === 'paying' && kept.attempts > 0)
      const times = unknown.map((kept) => kept.order.createdAt)
      const slotsToReturn = [...orders.values()].filter((kept) => kept.returnAt !== undefined).length
      return { unknown: unknown.length, oldestUnknownAt: times.length === 0 ? null : Math.min(...times), slotsToReturn }
    },
    async claimReturns(now, limit, claimMs = 0) {
      const due = [...orders.values()].filter(
        (kept) => kept.returnAt !== undefined && isDue(kept.returnAt, now, claimMs + 90_000),
      )
      due.sort((a, b) => a.returnAt! - b.returnAt!)
      return due.slice(0, limit).map((kept) => {
        kept.returnAt = now + 10_000
        return copied(kept.order)
      })
    },
    async slotReturned(orderNo, forGood) {
      const kept = orders.get(orderNo)!
      if (forGood) delete kept.returnAt
      return holderOf(kept.order)?.payerId ?? null
    },
    async merchantDays(merchantCode, from, to) {
      const days = Array.from({ length: daysFrom(from, to) + 1 }, (_, i) => addDays(from, i))
      const sums = days.map(async (businessDate) => {
        return { businessDate, ...sumsOf(await fake.merchantSettlements(merchantCode, businessDate)) }
      })
      return (await Promise.all(sums)).filter(({ orderCount, refundCount }) => orderCount + refundCount > 0)
    },
    async merchantSettlements(merchantCode, businessDate) {
      const booked = refunds.booked(merchantCode, businessDate)
      return settled(
        paidOf(merchantCode, businessDate),
        booked.map(({ orderNo, shares }) => ({ order: orders.get(orderNo)!.order, shares })),
      )
    },
    async merchantOrders(merchantCode, businessDate, cursor, limit) {
      const newest = paidOf(merchantCode, businessDate).sort(
        (a, b) => b.endedAt! - a.endedAt! || (a.orderNo < b.orderNo ? 1 : -1),
      )
      return pageOf(newest, cursor, limit, (order) => `${order.endedAt}.${order.orderNo}`)
    },
    async payerOrders(payerId, { merchantCode, state, recent }, cursor, limit) {
      const isRecent = (order: Order) =>
        !recent ||
        (order.createdAt >= recent.openedFrom &&
          (order.state === 'paying' || (order.state === 'paid' && order.endedAt! >= recent.paidFrom)))
      const newest = every()
        .filter((order) => order.payerId === payerId && isRecent(order))
        .filter((order) => (merchantCode ?? order.merchantCode) === order.merchantCode)
        .filter((order) => (state ?? order.state) === order.state)
        .sort((a, b) => b.createdAt - a.createdAt || (a.orderNo < b.orderNo ? 1 : -1))
      return pageOf(newest, cursor, limit, (order) => `${order.createdAt}.${order.orderNo}`)
    },
    spentOn: async (payerId, date) =>
      new Map(CHANNELS.map((channel) => [channel, spent.get(`${payerId}|${channel}|${date}`) ?? 0])),
    async savings(payerId) {
      const paid = every().filter((order) => order.payerId === payerId && order.state === 'paid')
      const back = await refunds.verbs.refundedOf(paid.map(({ orderNo }) => orderNo))
      const saved = paid.map((one) => savedFen(one.figures, back.get(one.orderNo) ?? NOTHING_REFUNDED))
      return { orderCount: saved.filter((fen) => fen > 0).length, savedFen: saved.reduce((sum, fen) => sum + fen, 0) }
    },
    async ping() {},
    async merchant(merchantCode) {
      const merchant = copied(merchants.get(merchantCode))
      return merchant && { disabled: false, ...merchant }
    },
    async shop(merchantCode, businessDate) {
      const merchant = await verbs.merchant(merchantCode)
      return merchant && { merchant, campaign: await verbs.campaignFor(merchantCode, businessDate), staff: [] }
    },
    async campaignFor(merchantCode, businessDate) {
      const best = applying(merchantCode, businessDate)
      if (!best) return undefined
      const { merchantCodes: _, committedFen: __, priority: ___, createdAt: ____, ...campaign } = best
      return copied(campaign)
    },
    async braked() {
      return false
    },
    async purse(deck) {
      return decks.purse(deck)
    },
    async held() {
      return NOTHING_HELD
    },
    async agreements(payerId) {
      return agreements.of(payerId)
    },
  }

  const fake: FakeLedger = {
    ...verbs,
    decks: decks.verbs,
    agreementBook: agreements.verbs,
    consents: agreements.consents,
    all: () => every(),
    allRefunds: refunds.all,
    down: false,
    postings,
    notes,
    refundNotes: refunds.notes,
    setBudget: (campaignId, budgetFen) => void Object.assign(campaigns.get(campaignId)!, { budgetFen }),
    change: (merchantCode, changed) => void Object.assign(merchants.get(merchantCode)!, changed),
    committedFen: (campaignId) => campaigns.get(campaignId)?.committedFen ?? 0,
    seed(street) {
      const everyone = street.merchants.map((merchant) => merchant.merchantCode)
      for (const merchant of street.merchants)
        if (!merchants.has(merchant.merchantCode)) merchants.set(merchant.merchantCode, copied(merchant))
      for (const campaign of street.campaigns)
        if (!campaigns.has(campaign.campaignId))
          campaigns.set(campaign.campaignId, { merchantCodes: everyone, committedFen: 0, ...copied(campaign) })
    },
    nudge: () => queueMicrotask(tell),
    behind: () => fake.down,
    async subscribe(merchantCode, after, onEvent) {
      const at = /^1-(\d+)$/.exec(after ?? '')?.[1]
      const next = at === undefined || Number(at) >= outbox.length ? outbox.length : Number(at) + 1
      const subscriber = { merchantCode, next, onEvent }
      subscribers.add(subscriber)
      queueMicrotask(tell)
      return () => void subscribers.delete(subscriber)
    },
  }
  // every verb but `nudge` reaches for the store
  guard(fake, [...Object.keys(verbs), 'subscribe'])
  guard(decks.verbs, Object.keys(decks.verbs))
  guard(agreements.verbs, Object.keys(agreements.verbs))
  return fake

  function guard(on: object, names: string[]) {
    for (const [name, verb] of Object.entries(on)) {
      if (!names.includes(name)) continue
      const guarded = async (...args: unknown[]) => {
        if (fake.down) throw new LedgerUnavailable('the fake ledger is down')
        return verb(...args)
      }
      Object.assign(on, { [name]: guarded })
    }
  }
}

import { randomBytes } from 'node:crypto'
import { addDays } from '../../../../server/domain/business-date'
import { CHANNELS } from '../../../../server/domain/channel'
import { commitment, deal, dearestDeck, deckSeed } from '../../../../server/domain/deck'
import { commitTo, commitToSecret, seedOf } from '../../../../server/domain/deck-proof'
import { openCards, sealCards } from '../../../../server/domain/deck-seal'
import type { Legs, StatementLine } from '../../../../server/domain/match'
import { totalsOf } from '../../../../server/domain/match'
import type { Order } from '../../../../server/domain/order'
import { postingsOf } from '../../../../server/domain/posting'
import { refundPostings } from '../../../../server/domain/refund'
import type { ChannelReply, DealtDeck, StatementSource } from '../../../../server/flow/ports'
import { type ReconcileDeps, reconcileDay } from '../../../../server/flow/reconcile/reconcile'
import { proposeCorrection, type ResolveDeps, resolveDifference } from '../../../../server/flow/reconcile/resolve'
import { finalizeRefund, refundInputHash } from '../../../../server/flow/refund/refund'
import { sqlBooksChain } from '../../../../server/store/sql/audit/books-chain'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlOperators } from '../../../../server/store/sql/operator/operators'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../../../../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { fakeSlots } from '../../../support/fake-slots'
import {
  closed,
  DATE,
  NOON,
  newCampaign,
  newMerchant,
  newOrder,
  opening,
  paid,
  UNKNOWN,
  unique,
} from '../payment/ledger-orders'
import { asked, back } from '../refund/refund-contract'
import { DEEDS, deskBooks, KEYS, SECRET } from './desk-books'

export { KEYS, SECRET }

export const KEY_ID = 'a-key'
const NEXT_DAY = addDays(DATE, 1)
const TWO_DAYS_MS = 2 * 86_400_000

export type AuditedBooks = Awaited<ReturnType<typeof healthyBooks>>

/**
 * A ledger in which everything that may happen has happened, through the code that does it in earnest: orders of every state,
 * a slot used again, refunds of every state, two days reconciled with every kind of decision, and a deck of an older rule.
 */
export async function healthyBooks(sql: Sql) {
  await someDeeds(sql)
  const ledger = sqlLedger(sql)
  const refunds = sqlRefunds(sql)
  const street = await dealtStreet(sql)
  const { campaign, merchant, amountsFen, told, older } = street
  const { merchantCode } = merchant
  const desk = await deskBooks(sql, merchantCode, NOON + TWO_DAYS_MS)

  const open = async (order: Order) => {
    const { orderNo, businessDate, payerRef: agreementId } = order
    const request = { orderNo, businessDate, agreementId, legs: postingsOf(order) }
    const result = await ledger.openOrder(opening(order, { request }))
    if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`)
    return order
  }
  const onSlot = (slot: number) =>
    open(
      newOrder({
        merchantCode,
        card: { campaignId: campaign.campaignId, slot, commitment: told },
        discountFen: amountsFen[slot]!,
      }),
    )
  const plain = () => open(newOrder({ merchantCode }))
  const pay = async (order: Order, at = NOON + 800) => {
    await ledger.endOrder(order, paid(order, at), reply({ kind: 'succeeded', channelTradeNo: `bank-${order.orderNo}` }))
    return (await ledger.order(order.orderNo))!
  }
  const close = async (order: Order) => {
    await ledger.endOrder(order, closed(), reply({ kind: 'declined', code: 'insufficient-funds' }))
    return order
  }

  const rewarded = await pay(await onSlot(0))
  const cancelled = await close(await onSlot(1))
  const reused = await pay(await onSlot(1))
  const unknown = await onSlot(2)
  await ledger.noteReply(unknown.orderNo, UNKNOWN, null, NOON + 900)
  const bookedAfterEnd = await close(await onSlot(3))
  const [atBank, acceptedShort, rejectedShort] = [
    await pay(await plain()),
    await pay(await plain()),
    await pay(await plain()),
  ]
  const kept = await pay(
    await open(newOrder({ merchantCode, payerId: 'payer-of-agreement', payerRef: 'agreement-kept' })),
    NOON + TWO_DAYS_MS,
  )
  const late = await pay(await plain(), NOON + TWO_DAYS_MS)
  const card = { campaignId: older.campaignId, slot: 0 }
  const olderCard = { merchantCode, card, discountFen: older.amountsFen[0]! }
  const cancelledCard = await close(await open(newOrder(olderCard)))
  await pay(await open(newOrder(olderCard)), NOON + TWO_DAYS_MS)

  const refundOf = async (payerFen: number, end: 'refunded' | 'failed' | null, createdAt = NOON) => {
    const inputHash = refundInputHash(rewarded.orderNo, payerFen, null)
    const idempotency = { key: unique('key'), inputHash }
    const result = await refunds.openRefund(asked(rewarded, payerFen, { createdAt, idempotency }))
    if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`)
    const { refund } = result
    const channelTradeNo = `bank-${refund.refundNo}`
    const [verb, raw] = ['refund' as const, null]
    if (end === 'refunded')
      await refunds.endRefund(refund, back(rewarded, refund), {
        verb,
        outcome: { kind: 'succeeded', channelTradeNo },
        raw,
      })
    if (end === 'failed')
      await refunds.endRefund(
        refund,
        { state: 'failed', failReason: 'frozen', endedAt: NOON + 5_000 },
        { verb, outcome: { kind: 'declined', code: 'frozen' }, raw },
      )
    return refund
  }
  const first = await refundOf(3_001, 'refunded')
  await refundOf(1_999, 'failed')
  const last = await refundOf(777, 'refunded')
  // A minute after the failure, which it can't have missed.
  const refunding = await refundOf(100, null, NOON + 60_000)

  const clearings = [rewarded, reused, bookedAfterEnd, atBank].map((order) => clearingLine(order))
  const refundLines = [first, last].map((refund) => {
    const [payer, gl, merchantLeg] = refundPostings(rewarded, refund.shares).map((posting) => posting.amountFen)
    const legs = { payerFen: payer!, glFen: gl!, merchantFen: merchantLeg! }
    return {
      ...clearingLine(rewarded, legs),
      kind: 'refund' as const,
      refundNo: refund.refundNo,
      channelTradeNo: `bank-${refund.refundNo}`,
    }
  })
  // 长款: the bank has three bookings of which we know nothing.
  const longs = ['F-known-to-the-bank-alone', 'F-undone', 'F-another'].map((orderNo) => ({
    ...clearingLine(atBank),
    orderNo,
  }))
  // 重复入账: the bank booked one twice, and the second booking is given back.
  const twice = { ...clearingLine(atBank), channelTradeNo: 'bank-twice' }
  // 冲正: what was rejected, the bank takes back the day after.
  const undone = { ...longs[1]!, payerFen: -longs[1]!.payerFen, merchantFen: -longs[1]!.merchantFen, lineNo: 1 }
  const lines = [...clearings, ...refundLines, ...longs, twice].map((line, nth) => ({ ...line, lineNo: nth + 1 }))
  const statements = statementsOf({ [DATE]: lines, [NEXT_DAY]: [undone] })
  await reconciled(sql, statements, { accepted: acceptedShort.orderNo, longAccepted: longs[0]!.orderNo })
  // The older deck alone is closed; what came back of the other is noted, and not given back yet.
  const others = sql.db.updateTable('decks').where('campaign_id', '=', campaign.campaignId)
  await others.set({ closed_at: NOON }).execute()
  if ((await sqlDecks(sql).close(DATE, 10, NOON + TWO_DAYS_MS, opened)) !== 1)
    throw new Error('one deck should have closed')
  await others.set({ closed_at: null }).execute()
  await chained(sql)
  const numbers = { merchantCode, first: first.refundNo, refunding: refunding.refundNo }
  return {
    ...street,
    ...desk,
    ...numbers,
    kept,
    rewarded,
    cancelled,
    reused,
    unknown,
    bookedAfterEnd,
    atBank,
    rejectedShort,
    late,
    cancelledCard,
    lines,
    statements,
  }
}

const opened = (deck: DealtDeck) => openCards(SECRET, deck, deck.cards)

const reply = (outcome: ChannelReply['outcome']): ChannelReply => ({ verb: 'pay', outcome, raw: null })

/** One merchant, a campaign with today's deck, and one whose deck was dealt by the rule before, and committed to as decks were then. */
async function dealtStreet(sql: Sql) {
  // Names that stay the same, and so the same cards on every run.
  const merchant = { ...newMerchant(), merchantCode: 'M0001' }
  const base = newCampaign().rule
  const campaign = newCampaign({ campaignId: 'street', rule: { ...base, minFen: 101 } })
  const changed = newCampaign({ campaignId: 'changed', version: 2, rule: { ...base, slots: 3 } })
  await seedFoodStreet(sql, { merchants: [merchant], campaigns: [campaign, changed] })
  const idOf = (campaignId: string) => ({ campaignId, merchantCode: merchant.merchantCode, businessDate: DATE })
  const sealed = (campaignId: string, amountsFen: number[]) =>
    sealCards(SECRET, { ...idOf(campaignId), version: 1 }, amountsFen, randomBytes(12))
  const commit = async (campaignId: string, rule: typeof base) => {
    const id = idOf(campaignId)
    const seed = deckSeed(SECRET, id, 1)
    const amountsFen = deal(rule, seed)
    const cards = sealed(campaignId, amountsFen)
    const deck = { ...id, version: 1, commitment: commitment(seed), cards, dealtAt: NOON }
    await sqlLedger(sql).commitDeck(deck, dearestDeck(rule))
    return amountsFen
  }
  const { campaignId, rule: whole } = campaign
  const secret = { keyId: KEY_ID, commitment: commitToSecret(campaignId, SECRET), at: NOON - 1 }
  await sqlDecks(sql).publishSecret(campaignId, 1, secret)
  const terms = { ...idOf(campaignId), version: 1, rule: whole, slots: whole.slots, beacon: null }
  const seed = seedOf(SECRET, terms)
  const [amountsFen, told] = [deal(whole, seed), commitTo(terms, seed)]
  const deck = {
    ...idOf(campaignId),
    version: 1,
    commitment: told,
    cards: sealed(campaignId, amountsFen),
    dealtAt: NOON,
    keyId: KEY_ID,
  }
  await sqlLedger(sql).commitDeck(deck, dearestDeck(whole))
  const rule = { ...base, slots: 1 }
  const older = { campaignId: changed.campaignId, rule, amountsFen: await commit(changed.campaignId, rule) }
  return { merchant, campaign, amountsFen, told, older }
}

function clearingLine(order: Order, legs?: Legs): StatementLine {
  const { payableFen, discountFen, merchantReceivesFen } = order.figures
  const own = { payerFen: -payableFen, glFen: -discountFen, merchantFen: merchantReceivesFen }
  return {
    lineNo: 0,
    kind: 'clearing',
    orderNo: order.orderNo,
    refundNo: null,
    channelTradeNo: `bank-${order.orderNo}`,
    bookedAt: NOON + 700,
    ...(legs ?? own),
    glAccount: (legs ?? own).glFen === 0 ? null : order.accounts.gl,
    merchantAccount: order.accounts.merchant,
    payerTail: null,
    currency: 'CNY',
  }
}

/** A bank that gives these statements; tests may change what it has. */
export function statementsOf(days: Record<string, StatementLine[]>, sha256 = 'a'.repeat(64)): StatementSource {
  return {
    reconcileFromMs: null,
    cutBeforeMs: 0,
    async fetchStatement(date) {
      const lines = days[date]
      if (!lines) return { kind: 'refused', code: 'statement-not-ready', detail: `not cut: ${date}` }
      const manifest = { date, sha256, bytes: 1, lines: lines.length, totals: totalsOf(lines) }
      return {
        kind: 'fetched',
        manifest,
        file: '',
        async *batches() {
          // Two at a time, so that there is more than one batch.
          for (let from = 0; from < lines.length; from += 2) yield lines.slice(from, from + 2)
        },
      }
    },
  }
}

/** Both days, and every difference decided: accepted are what is named and the money of the closed order, the rest is rejected. */
async function reconciled(sql: Sql, statements: StatementSource, which: { accepted: string; longAccepted: string }) {
  const clock = { at: NOON + TWO_DAYS_MS, now: () => clock.at }
  let made = 0
  const deps: ReconcileDeps & ResolveDeps = {
    // what the first day misses is short on the second
    carryOverMs: 86_400_000,
    ledger: sqlLedger(sql),
    refunds: sqlRefunds(sql),
    reconciliations: sqlReconciliations(sql, DEEDS),
    slots: fakeSlots(clock.now),
    feed: { nudge: () => {}, subscribe: async () => () => {} },
    clock,
    limits: { leaseTtlMs: 1_000 },
    statements: new Map([['bank', statements]]),
    channels: new Map(),
    random: (bytes) => Buffer.alloc(bytes, ++made),
    operators: { logRefusal: async () => {} },
    onAlarm: () => {},
  }
  for (const date of [DATE, NEXT_DAY]) {
    const day = { channel: 'bank', date } as const
    const result = await reconcileDay(deps, day, 'system')
    if (result.kind !== 'reconciled') throw new Error(`${date}: ${result.code} ${result.detail}`)
    for (const one of await deps.reconciliations.differences(day, undefined, 100)) {
      const accept = one.proposal.refund !== null || Object.values(which).includes(one.orderNo)
      if (accept) await proposeCorrection(deps, one.differenceId, { operator: 'maker', revision: 1 })
      const deciding = { operator: 'checker', revision: accept ? 2 : 1, note: 'seen' }
      await resolveDifference(deps, one.differenceId, accept ? 'accept' : 'reject', deciding)
      if (one.proposal.refund) await refunded(deps, one.orderNo)
    }
  }
}

/** The refund that an accepted difference asked for comes back from the bank. */
async function refunded(deps: ReconcileDeps, orderNo: string): Promise<void> {
  const order = (await deps.ledger.order(orderNo))!
  const due = await deps.refunds.claimDueRefunds(CHANNELS, deps.clock.now(), 100)
  const refund = due.find((one) => one.order.orderNo === orderNo)?.refund
  const outcome = { kind: 'succeeded' as const, channelTradeNo: `bank-${refund!.refundNo}` }
  const seen = { amountFen: refund!.shares.payerFen, currency: 'CNY', payee: order.accounts.merchant }
  await finalizeRefund(deps, order, refund!, { verb: 'refund', outcome, seen, raw: null })
}

/** All that was written is chained, and both days are sealed. */
export async function chained(sql: Sql, lastOver = NEXT_DAY) {
  const chain = sqlBooksChain(sql, KEYS)
  const at = NOON + TWO_DAYS_MS
  for (let links = 0; ; links++) {
    const { kind } = await chain.extend(at, lastOver)
    if (kind !== 'linked') return { kind, links, seals: await chain.sealsFrom(null, 100) }
  }
}

/** What operators did: with and without a before and an after. */
async function someDeeds(sql: Sql): Promise<void> {
  const operators = sqlOperators(sql, DEEDS)
  const deed = { at: NOON, username: 'maker', subject: 'campaign/c' }
  await operators.log({
    ...deed,
    action: 'campaign.add',
    after: { name: '美食街', budgetFen: 1_000, list: [null, { b: 1, a: 2 }] },
  })
  await operators.log({ ...deed, action: 'campaign.edit', before: { b: 1, a: 2 }, after: { a: 2, b: 3 } })
  await operators.log({ ...deed, username: 'checker', action: 'campaign.approve' })
  await operators.log({ ...deed, action: 'campaign.pause', after: { note: 'rain' } })
}

import { stateOn } from '../../server/domain/campaign'
import { type DeckId, exposure } from '../../server/domain/deck'
import type { Pulse } from '../../server/domain/deck-proof'
import { countOf } from '../../server/domain/deck-seal'
import type { Order } from '../../server/domain/order'
import type { Rule } from '../../server/domain/rule'
import type {
  CommitResult,
  DealtDeck,
  Decks,
  Merchant,
  PublishedSecret,
  Purse,
  SealedDeck,
  Shortage,
  ShortDeck,
} from '../../server/flow/ports'
import type { SeedCampaign } from '../../server/store/sql/seed'
import { copied } from './copied'

/** The rest of the ledger as decks see it. */
export interface AroundDecks {
  campaigns(): (SeedCampaign & { merchantCodes: readonly string[]; committedFen: number })[]
  applies(merchantCode: string, date: string): string | undefined
  merchant(code: string): Merchant | undefined
  orders(): Order[]
  /** what refunds of the order have brought back to its GL account, fen */
  glBackFen(orderNo: string): number
}

export type FakeDecks = ReturnType<typeof fakeDecks>

/** {@link Decks} in memory, with the campaign's budget and none of a branch; and what {@link Ledger} does with decks. */
export function fakeDecks(around: AroundDecks) {
  const decks = new Map<
    string,
    DealtDeck & { closedAt: number | null; mostFen: number; exposureFen: number; purse: Purse | undefined }
  >()
  const shortages = new Map<string, Shortage>()
  const rules = new Map<string, Rule>()
  const secrets = new Map<string, PublishedSecret>()
  const pulses = new Map<string, Pulse | null>()
  const keyOf = (deck: DeckId) => [deck.campaignId, deck.merchantCode, deck.businessDate].join('|')
  const campaignOf = (id: string) => {
    const campaign = around.campaigns().find((one) => one.campaignId === id)
    if (!campaign) throw new Error(`no campaign ${id}`)
    return campaign
  }
  const held = (deck: DeckId) =>
    around.orders().filter((o) => o.state !== 'closed' && o.card && keyOf({ ...o, ...o.card }) === keyOf(deck))
  const dealt = (deck: DeckId) => {
    const kept = decks.get(keyOf(deck))
    if (!kept) return undefined
    const { closedAt: _, exposureFen: __, purse: ___, mostFen: ____, ...rest } = kept
    return copied(rest)
  }

  /** Of every deck at once, for whoever looks at them all. */
  const heldOfAll = () => {
    const all = new Map<string, Order[]>()
    for (const order of around.orders()) {
      if (order.state === 'closed' || !order.card) continue
      const key = keyOf({ ...order, ...order.card })
      all.set(key, [...(all.get(key) ?? []), order])
    }
    return (deck: DeckId) => all.get(keyOf(deck)) ?? []
  }
  const cost = (deck: { mostFen: number; closedAt: number | null }, mine: readonly Order[]) => {
    const cardsFen = deck.closedAt === null ? deck.mostFen : exposure(mine.map(usedFen))
    return mine.reduce((fen, order) => fen - around.glBackFen(order.orderNo), cardsFen)
  }
  const usedFen = (order: Order) => order.figures.discountFen
  /** Of the deck to its campaign, whichever way; whether it was anything. */
  const settle = (deck: DealtDeck & Parameters<typeof cost>[0] & { exposureFen: number }, mine: readonly Order[]) => {
    const backFen = deck.exposureFen - cost(deck, mine)
    campaignOf(deck.campaignId).committedFen -= backFen
    deck.exposureFen -= backFen
    return backFen !== 0
  }

  /** by campaign and date: what its decks were dealt at */
  const days = new Map<string, number>()
  const dayOf = ({ campaignId, businessDate }: Omit<DeckId, 'merchantCode'>) => `${campaignId}|${businessDate}`
  const room = (campaign: ReturnType<typeof campaignOf>, businessDate: string) => {
    const { campaignId, budgetFen, committedFen, dailyBudgetFen } = campaign
    const campaignFen = budgetFen - committedFen
    const dayFen = (dailyBudgetFen ?? Number.POSITIVE_INFINITY) - (days.get(dayOf({ campaignId, businessDate })) ?? 0)
    return dayFen < campaignFen ? { fen: dayFen, by: 'day' as const } : { fen: campaignFen, by: 'campaign' as const }
  }

  function commit(deck: SealedDeck, exposureFen: number, short?: ShortDeck): CommitResult {
    const campaign = campaignOf(deck.campaignId)
    if (decks.has(keyOf(deck))) return { kind: 'already-committed' }
    const { fen: remainingFen, by } = room(campaign, deck.businessDate)
    if (exposureFen > remainingFen) return { kind: 'budget-exhausted', remainingFen, by }
    campaign.committedFen += exposureFen
    days.set(dayOf(deck), (days.get(dayOf(deck)) ?? 0) + exposureFen)
    const { branchCode, glAccount } = around.merchant(deck.merchantCode) ?? {}
    const purse = branchCode && glAccount ? { branchCode, glAccount } : undefined
    decks.set(keyOf(deck), { ...copied(deck), mostFen: exposureFen, exposureFen, closedAt: null, purse })
    rules.set(`${deck.campaignId}|${campaign.version}`, campaign.rule)
    shortages.delete(keyOf(deck))
    const { campaignId, merchantCode, businessDate, dealtAt: notedAt } = deck
    const dealtSlots = countOf(deck.cards)
    if (short) shortages.set(keyOf(deck), { campaignId, merchantCode, businessDate, ...short, dealtSlots, notedAt })
    return { kind: 'committed' }
  }

  const undealt = (campaignId: string, businessDate: string, notedBefore: number) =>
    [...campaignOf(campaignId).merchantCodes].sort().flatMap((merchantCode) => {
      const id = { campaignId, merchantCode, businessDate }
      const tried = (shortages.get(keyOf(id))?.notedAt ?? Number.NEGATIVE_INFINITY) > notedBefore
      if (decks.has(keyOf(id)) || tried || around.applies(merchantCode, businessDate) !== campaignId) return []
      return [{ merchantCode, branchCode: around.merchant(merchantCode)!.branchCode }]
    })

  const verbs: Decks = {
    async kept(deck) {
      const kept = decks.get(keyOf(deck))
      const rule = kept && ((await verbs.ruleOf(deck.campaignId, kept.version)) ?? null)
      return (
        kept && {
          ...dealt(deck)!,
          rule: rule ?? null,
          closedAt: kept.closedAt,
          usedSlots: kept.closedAt === null ? null : held(deck).length,
          branchCode: kept.purse?.branchCode ?? null,
        }
      )
    },
    async ruleOf(campaignId, version) {
      const campaign = campaignOf(campaignId)
      return campaign.version === version ? campaign.rule : rules.get(`${campaignId}|${version}`)
    },
    async secret(campaignId, version) {
      return secrets.get(`${campaignId}|${version}`)
    },
    async publishSecret(campaignId, version, secret) {
      const key = `${campaignId}|${version}`
      if (!secrets.has(key)) secrets.set(key, secret)
      return secrets.get(key)!
    },
    async keysInUse() {
      const open = [...decks.values()].filter(({ closedAt }) => closedAt === null)
      return [...new Set([...open, ...secrets.values()].flatMap(({ keyId }) => keyId ?? []))].sort()
    },
    async secrets(campaignId) {
      const campaign = around.campaigns().find((one) => one.campaignId === campaignId)
      if (!campaign) return undefined
      const { state, startDate, endDate, version } = campaign
      const dates = [...decks.values()]
        .filter((deck) => deck.campaignId === campaignId)
        .map((deck) => deck.businessDate)
      const versions = [{ version, approvedAt: 0, secret: secrets.get(`${campaignId}|${version}`) ?? null }]
      return { state, startDate, endDate, lastDeckDate: dates.sort().at(-1) ?? null, versions }
    },
    async pulse(date) {
      return pulses.get(date)
    },
    async notePulse(date, pulse) {
      if (!pulses.has(date)) pulses.set(date, pulse)
      return pulses.get(date)!
    },
    async shortage(deck) {
      return copied(shortages.get(keyOf(deck)))
    },
    async room(campaignId, _, businessDate) {
      return room(campaignOf(campaignId), businessDate)
    },
    async noteShortages(more) {
      for (const one of more) if (!decks.has(keyOf(one))) shortages.set(keyOf(one), copied(one))
    },
    async usedAt(merchantCode, date) {
      const all = [...decks.values()].filter((one) => one.merchantCode === merchantCode && one.businessDate === date)
      const sum = (of: (deck: DealtDeck) => number) => all.reduce((cards, deck) => cards + of(deck), 0)
      return all.length > 0
        ? { total: sum(({ cards }) => countOf(cards)), used: sum((deck) => held(deck).length) }
        : null
    },
    async orders(deck) {
      const found = held(deck).map(({ card, orderNo, state }) => ({ slot: card!.slot, orderNo, state }))
      return found.sort((a, b) => a.slot - b.slot)
    },
    async campaignsOn(date) {
      const on = around.campaigns().filter((one) => date >= one.startDate && stateOn(one, date) === 'running')
      return on.map(({ merchantCodes: _, committedFen: __, priority: ___, createdAt: ____, ...campaign }) => campaign)
    },
    async undealt(campaignId, date, { after, notedBefore, limit }) {
      const all = undealt(campaignId, date, notedBefore)
      const merchants = all.filter((one) => one.merchantCode > after).slice(0, limit)
      return { merchants, last: merchants.at(-1)?.merchantCode }
    },
    async countUndealt(campaignId, date, { place, notedBefore }) {
      const all = undealt(campaignId, date, notedBefore)
      return { count: all.length, middle: all[Math.floor(place * all.length)]?.merchantCode ?? '' }
    },
    async commitMany(list) {
      return list.map(({ exposureFen, short, ...deck }) => commit(deck, exposureFen, short))
    },
    async dealtPage(date, after, limit) {
      const all = [...decks.values()].filter((deck) => deck.businessDate === date)
      const keys = all
        .map(keyOf)
        .sort()
        .filter((key) => !after || key > keyOf({ ...after, businessDate: date }))
      return keys.slice(0, limit).map((key) => {
        const deck = dealt(decks.get(key)!)!
        return { deck, usedSlots: held(deck).map((order) => ({ slot: order.card!.slot, payerId: order.payerId })) }
      })
    },
    async analyze() {},
    async close(lastDate, limit, now, open) {
      const due = [...decks.values()].filter((deck) => deck.closedAt === null && deck.businessDate <= lastDate)
      for (const deck of due.slice(0, limit)) {
        deck.closedAt = now
        deck.cards = open(deck) ?? deck.cards
        settle(deck, held(deck))
      }
      return Math.min(due.length, limit)
    },
    async takeBack() {
      const mine = heldOfAll()
      return [...decks.values()].filter((deck) => settle(deck, mine(deck))).length
    },
    async returning(campaignId, before) {
      const mine = heldOfAll()
      return [...decks.values()].some(
        (deck) =>
          deck.campaignId === campaignId &&
          ((deck.businessDate < before && deck.closedAt === null) || cost(deck, mine(deck)) !== deck.exposureFen),
      )
    },
  }
  const purse = (deck: DeckId) => {
    const kept = decks.get(keyOf(deck))
    return kept && (copied(kept.purse) ?? null)
  }
  /** Nothing is opened on it any more: it is closed, or another than the one whose commitment was told. */
  const isGone = (deck: DeckId, commitment: string) => {
    const kept = decks.get(keyOf(deck))
    return kept !== undefined && (kept.closedAt !== null || (commitment !== '' && kept.commitment !== commitment))
  }
  return { verbs, commit, dealt, held, purse, isGone }
}

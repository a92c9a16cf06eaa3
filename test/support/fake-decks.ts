import { stateOn } from '../../server/domain/campaign'
import type { DeckId } from '../../server/domain/deck'
import type { Order } from '../../server/domain/order'
import type { Rule } from '../../server/domain/rule'
import type { CommitResult, DealtDeck, Decks, Merchant, Purse, Shortage, ShortDeck } from '../../server/flow/ports'
import type { SeedCampaign } from '../../server/store/sql/seed'

/** The rest of the ledger as decks see it. */
export interface AroundDecks {
  campaigns(): (SeedCampaign & { merchantCodes: readonly string[]; committedFen: number })[]
  applies(merchantCode: string, date: string): string | undefined
  merchant(code: string): Merchant | undefined
  orders(): Order[]
}

export type FakeDecks = ReturnType<typeof fakeDecks>

/** {@link Decks} in memory, with the campaign's budget and none of a branch; and what {@link Ledger} does with decks. */
export function fakeDecks(around: AroundDecks) {
  const decks = new Map<
    string,
    DealtDeck & { closedAt: number | null; exposureFen: number; purse: Purse | undefined }
  >()
  const shortages = new Map<string, Shortage>()
  const rules = new Map<string, Rule>()
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
    const { closedAt: _, exposureFen: __, purse: ___, ...rest } = kept
    return structuredClone(rest)
  }

  function commit(deck: DealtDeck, exposureFen: number, short?: ShortDeck): CommitResult {
    const campaign = campaignOf(deck.campaignId)
    if (decks.has(keyOf(deck))) return { kind: 'already-committed' }
    const remainingFen = campaign.budgetFen - campaign.committedFen
    if (exposureFen > remainingFen) return { kind: 'budget-exhausted', remainingFen, by: 'campaign' }
    campaign.committedFen += exposureFen
    const { branchCode, glAccount } = around.merchant(deck.merchantCode) ?? {}
    const purse = branchCode && glAccount ? { branchCode, glAccount } : undefined
    decks.set(keyOf(deck), { ...structuredClone(deck), exposureFen, closedAt: null, purse })
    rules.set(`${deck.campaignId}|${campaign.version}`, campaign.rule)
    shortages.delete(keyOf(deck))
    const { campaignId, merchantCode, businessDate, dealtAt: notedAt } = deck
    const dealtSlots = deck.amountsFen.length
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
          branchCode: kept.purse?.branchCode ?? null,
        }
      )
    },
    async ruleOf(campaignId, version) {
      const campaign = campaignOf(campaignId)
      return campaign.version === version ? campaign.rule : rules.get(`${campaignId}|${version}`)
    },
    async shortage(deck) {
      return structuredClone(shortages.get(keyOf(deck)))
    },
    async room(campaignId) {
      const { budgetFen, committedFen } = campaignOf(campaignId)
      return budgetFen - committedFen
    },
    async noteShortages(more) {
      for (const one of more) if (!decks.has(keyOf(one))) shortages.set(keyOf(one), structuredClone(one))
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
    async close(lastDate, limit, now) {
      const due = [...decks.values()].filter(
        (deck) =>
          deck.closedAt === null && deck.businessDate <= lastDate && held(deck).every((o) => o.state !== 'paying'),
      )
      for (const deck of due.slice(0, limit)) {
        const usedFen = held(deck).reduce((sum, order) => sum + deck.amountsFen[order.card!.slot]!, 0)
        campaignOf(deck.campaignId).committedFen -= deck.exposureFen - usedFen
        Object.assign(deck, { exposureFen: usedFen, closedAt: now })
      }
      return Math.min(due.length, limit)
    },
  }
  const purse = (deck: DeckId) => structuredClone(decks.get(keyOf(deck))?.purse)
  return { verbs, commit, dealt, held, purse }
}

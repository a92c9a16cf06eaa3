import { createHash } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import { businessDate } from '../../server/domain/business-date'
import type { Campaign } from '../../server/domain/campaign'
import { exposure } from '../../server/domain/deck'
import { deckKeys, masterKeys } from '../../server/domain/key-ring'
import type { Quote } from '../../server/domain/quote'
import { amountsOf } from '../../server/flow/deck/cards'
import { type DealerDeps, dealerOf } from '../../server/flow/deck/dealer'
import { type QuoteDeps, quote } from '../../server/flow/payment/quote'
import type { Catalog, Clock, DealtDeck, Slots } from '../../server/flow/ports'
import * as food from '../../server/sandbox/food-street'
import { redisSlots } from '../../server/store/redis/slots'
import { clocked } from './clocked'

/** As of before there was a budget of unpaid holding, and as it is. */
export type Rules = 'before' | 'now'

/** Of the house's configuration, but for what hides amounts, which a run says. */
const LIMITS = {
  leaseTtlMs: 130_000,
  leaseMarginMs: 10_000,
  maxHeld: 2,
  holdingMs: 600_000,
  holdingInAllMs: 900_000,
  merchantUnusual: { percent: 50, least: 5 },
  campaignUnusual: { percent: 10, least: 40 },
}
const BEFORE = {
  ...LIMITS,
  maxHeld: 1_000_000,
  holdingMs: 1e12,
  holdingInAllMs: 1e12,
  merchantUnusual: { percent: 100, least: 1 },
  campaignUnusual: { percent: 100, least: 1 },
}

export const OPENS = Date.parse('2026-11-21T10:00:00+08:00')

/** A food street with its decks on the house's own scripts, and a clock that is told. */
export interface Street {
  merchantCodes: readonly string[]
  /** what all cards come to, fen */
  dealtFen: number
  now(): number
  passTo(at: number): Promise<void>
  /** Of ¥100 at a merchant. */
  ask(payerId: string, merchantCode: string): Promise<Quote>
  pay(quote: Quote): Promise<void>
  /** Cards that no order has, as the pages tell. */
  remaining(merchantCode: string): Promise<number>
}

let streets = 0

/** `known`: whom the bank has an agreement with. Runs on one Redis are apart, their payers too. */
export async function openStreet(
  redis: Redis | Cluster,
  { merchants, cards, rules, seed }: { merchants: number; cards: number; rules: Rules; seed: number },
  known: (payerId: string) => boolean = () => false,
): Promise<Street> {
  const clock = { at: OPENS, now: () => clock.at, trusted: () => true }
  const time = clocked(redis)
  const slots = redisSlots(time.redis)
  const of = rules === 'now' ? undefined : food.UNLIMITED
  const apart = `hoard-${++streets}`
  const terms = food.campaign(OPENS, of)
  const campaign = { ...terms, rule: { ...terms.rule, slots: cards } }
  const merchantCodes = Array.from({ length: merchants }, (_, i) => `M${i}`)
  const deckOf = (merchantCode: string) => ({
    campaignId: apart,
    merchantCode,
    businessDate: businessDate(clock.at),
  })
  await time.setTo(clock.at)
  const deps = depsOf({
    slots: {
      ...slots,
      take: ({ merchantCode }, ...more) => slots.take(deckOf(merchantCode), ...more),
      load: async () => 'already-loaded',
    },
    clock,
    campaign,
    rules,
    known,
    masterKey: createHash('sha256').update(String(seed)).digest(),
  })
  const dealer = await dealerOf(deps, campaign, businessDate(clock.at))
  let dealtFen = 0
  for (const merchantCode of merchantCodes) {
    const dealt = dealer.whole({ ...deckOf(merchantCode), campaignId: campaign.campaignId })
    deps.dealt.set(merchantCode, dealt)
    dealtFen += exposure(amountsOf(deps, dealt)!)
    await slots.load(deckOf(merchantCode), cards, [], Date.now() + 86_400_000)
  }
  return {
    merchantCodes,
    dealtFen,
    now: () => clock.at,
    async passTo(at) {
      clock.at = at
      await time.setTo(at)
    },
    async ask(payerId, merchantCode) {
      const asked = await quote(deps, {
        payerId: `${apart}-${payerId}`,
        merchantCode,
        amountFen: 10_000,
        channel: 'bank',
      })
      if (asked.kind !== 'quoted') throw new Error(`not quoted: ${asked.kind}`)
      return asked.quote
    },
    async pay({ card, merchantCode, payerId }) {
      if (!card) return
      await slots.confirm(deckOf(merchantCode), card.slot, payerId)
      await slots.paid(deckOf(merchantCode), card.slot, payerId)
    },
    async remaining(merchantCode) {
      const count = (await slots.count(deckOf(merchantCode)))!
      return count.free + count.leased
    },
  }
}

const AGREEMENT = {
  agreementId: 'a',
  account: 'a',
  accountTail: '0000',
  bankName: '发牌示范银行',
  kind: 'debit',
  chosen: false,
  small: null,
  createdAt: OPENS,
  endedAt: null,
} as const

/** What a quote needs beside its decks: one campaign everywhere, and nobody who has paid before. */
function depsOf({
  slots,
  clock,
  campaign,
  rules,
  known,
  masterKey,
}: {
  slots: Slots
  clock: Clock
  campaign: Campaign
  rules: Rules
  known(payerId: string): boolean
  masterKey: Uint8Array
}): QuoteDeps & { dealt: Map<string, DealtDeck> } {
  const dealt = new Map<string, DealtDeck>()
  // In full, so that a quote that comes to ask for more is noticed here.
  const merchantOf = (merchantCode: string) => ({ ...food.merchants[0]!, merchantCode })
  const catalog: Catalog = {
    merchant: async (merchantCode) => merchantOf(merchantCode),
    shop: async (merchantCode) => ({ merchant: merchantOf(merchantCode), campaign, staff: [] }),
    campaignFor: async () => campaign,
    braked: async () => false,
    purse: async () => undefined,
    held: async () => ({ merchants: new Map(), payers: new Map() }),
    agreements: async (payerId) => (known(payerId) ? [{ ...AGREEMENT, payerId }] : []),
  }
  // The budget covers every day's cards.
  const decks: Pick<DealerDeps['decks'], 'orders' | 'room' | 'secret' | 'publishSecret'> = {
    orders: async () => [],
    room: async () => ({ fen: 1_000_000_000, by: 'campaign' }),
    secret: async () => undefined,
    publishSecret: async (_campaignId, _version, secret) => secret,
  }
  return {
    dealt,
    ...deckKeys(masterKeys(masterKey)),
    slots,
    clock,
    catalog,
    ledger: {
      payerOrders: async () => ({ items: [] }),
      deck: async ({ merchantCode }: DealtDeck) => dealt.get(merchantCode),
      usedSlots: async () => [],
    },
    decks,
    channels: new Map([['bank', { carriesDiscount: true, limits: { dailyPerPayerFen: 50_000 } }]]),
    random: (bytes: number) => new Uint8Array(bytes),
    load: { drawsCards: () => true },
    onUnavailable: (error: unknown) => {
      throw error
    },
    onHoarding: () => {},
    limits: rules === 'now' ? LIMITS : BEFORE,
  } as unknown as ReturnType<typeof depsOf>
}

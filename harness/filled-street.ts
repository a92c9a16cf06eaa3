import { randomBytes } from 'node:crypto'
import { CompiledQuery } from 'kysely'
import { endOfBusinessDate } from '../server/domain/business-date'
import { type DeckId, deal, dearestDeck } from '../server/domain/deck'
import { commitTo, commitToSecret, seedOf } from '../server/domain/deck-proof'
import { sealCards } from '../server/domain/deck-seal'
import { deckKeys, type MasterKeys } from '../server/domain/key-ring'
import { commitDecks } from '../server/store/sql/deck/commit-deck'
import { sqlDecks } from '../server/store/sql/deck/decks'
import type { Sql } from '../server/store/sql/open-sql'
import { seedFoodStreet } from '../server/store/sql/seed'

/** Merchants of one campaign and the decks of its days, dealt and committed in earnest: what filled ledgers stand on. */

/** Cards of each merchant's deck. */
export const CARDS_A_DECK = 20
const BRANCHES = 20
const DAY_MS = 86_400_000
const RULE = {
  thresholdFen: 1_000,
  slots: CARDS_A_DECK,
  minFen: 100,
  maxFen: 1_000,
  bandMinFen: 700,
  bandMaxFen: 900,
  bandPercent: 80,
  payerPercent: 50,
}

export interface Street {
  campaignId: string
  merchants: number
  /** the campaign's first and last date */
  first: string
  last: string
  codeOf(nth: number): string
  accountOf(code: string): string
  glAccountOf(branch: number): string
}

export async function layStreet(sql: Sql, street: Street): Promise<void> {
  const { campaignId, merchants, first, last, codeOf, accountOf, glAccountOf } = street
  const codes = Array.from({ length: merchants }, (_, nth) => codeOf(nth))
  await seedFoodStreet(sql, {
    merchants: codes.map((merchantCode, nth) => ({
      merchantCode,
      name: merchantCode,
      account: accountOf(merchantCode),
      walletAccounts: {},
      branchCode: `B${nth % BRANCHES}`,
      branchName: `B${nth % BRANCHES}`,
      glAccount: glAccountOf(nth % BRANCHES),
    })),
    campaigns: [
      {
        campaignId,
        version: 1,
        name: campaignId,
        organiser: campaignId,
        state: 'running',
        startDate: first,
        endDate: last,
        rule: RULE,
        budgetFen: 1_000_000_000_000,
        dailyBudgetFen: null,
        windows: [],
        maxPerPayerPerDay: null,
        maxPerPayerPerCampaignDay: null,
        channels: ['bank'],
        createdAt: endOfBusinessDate(first) - 2 * DAY_MS,
      },
    ],
  })
}

/** Decks that go into one statement. */
export const DECKS_AT_ONCE = 1_000

/** Commits the decks of a date, and writes them with their amounts into `table (merchant_code, business_date, commitment, amounts)`. */
export async function dealStreet(
  sql: Sql,
  masters: MasterKeys,
  street: Street,
  businessDate: string,
  table: string,
): Promise<void> {
  const { campaignId, merchants, first, codeOf } = street
  const { deckKeyId: keyId, campaignSecret } = deckKeys(masters)
  const secret = campaignSecret(campaignId)!
  const dealtAt = endOfBusinessDate(businessDate) - DAY_MS
  if (businessDate === first)
    await sqlDecks(sql).publishSecret(campaignId, 1, {
      keyId,
      commitment: commitToSecret(campaignId, secret),
      at: dealtAt - 1,
    })
  const decks = Array.from({ length: merchants }, (_, nth) => {
    const id: DeckId = { campaignId, merchantCode: codeOf(nth), businessDate }
    const terms = { ...id, version: 1, rule: RULE, slots: RULE.slots, beacon: null }
    const seed = seedOf(secret, terms)
    const amountsFen = deal(RULE, seed)
    const cards = sealCards(secret, terms, amountsFen, randomBytes(12))
    const deck = { ...id, version: 1, commitment: commitTo(terms, seed), cards, dealtAt, keyId }
    return { ...deck, amountsFen, exposureFen: dearestDeck(RULE) }
  })
  for (let from = 0; from < decks.length; from += DECKS_AT_ONCE)
    await commitDecks(sql, decks.slice(from, from + DECKS_AT_ONCE))
  const values = [
    decks.map((d) => d.merchantCode),
    decks.map((d) => d.commitment),
    decks.map((d) => `{${d.amountsFen}}`),
  ]
  const text = `insert into ${table} select code, '${businessDate}', commitment, amounts::integer[]
    from unnest($1::text[], $2::text[], $3::text[]) d(code, commitment, amounts)`
  await sql.db.executeQuery(CompiledQuery.raw(text, values))
}

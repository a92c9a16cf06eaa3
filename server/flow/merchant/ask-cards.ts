import { createHash } from 'node:crypto'
import type { ChangeRequest } from '../../domain/change'
import { CHANNEL_LABELS, OWN_CHANNEL } from '../../domain/channel'
import type { Operator } from '../../domain/operator'
import { askForChange, type ChangeDeps, type ChangeRefusal } from '../change/ask'
import type { CardsWanted, Channels, MerchantEntry } from '../ports'
import { type BookDeps, branchesSeen } from './book'
import { cardOf, wordOf } from './card'

/** Binding cards for many merchants at once: asked for by whoever prints them, approved by whoever has the words told. */

export interface CardDeps extends ChangeDeps, BookDeps {
  channels: Channels
  publicUrl: string | null
}

/** What stands on a shop's sheet. */
export interface PrintedCard {
  merchantCode: string
  name: string
  branchName: string
  /** by which one can pay there, in words */
  channels: string[]
  /** the printed half of its code */
  card: string
}

export type CardsResult =
  /** `address`: where payers find the house; null: where operators do */
  | { kind: 'asked'; request: ChangeRequest; cards: PrintedCard[]; address: string | null }
  | ChangeRefusal
  /** one that the operator can't see, or that isn't there */
  | { kind: 'unknown'; merchantCode: string }

export async function askForCards(
  deps: CardDeps,
  operator: Operator,
  { note, ...wanted }: CardsWanted & { note: string | null },
): Promise<CardsResult> {
  const merchantCodes = [...new Set(wanted.merchantCodes)].sort()
  const found = await deps.desk.merchantBook.known(merchantCodes)
  const seen = new Map(found.filter((one) => sees(operator, one)).map((one) => [one.merchantCode, one]))
  const unknown = merchantCodes.find((code) => !seen.has(code))
  if (unknown !== undefined) return { kind: 'unknown', merchantCode: unknown }
  const branches = new Set([...seen.values()].map(({ branchCode }) => branchCode))
  const branchCode = branches.size === 1 ? [...branches][0]! : null
  const subject = `cards/${createHash('sha256').update(merchantCodes.join(' ')).digest('hex').slice(0, 12)}`
  const after: CardsWanted = { days: wanted.days, merchantCodes }
  const asked = await askForChange(deps, operator, { kind: 'merchant.owners', subject, branchCode, after, note })
  if (asked.kind === 'refused') return asked
  const names = new Map((await branchesSeen(deps, operator)).map((one) => [one.branchCode, one.name]))
  const cards = merchantCodes
    .map((code) => seen.get(code)!)
    .map((one) => ({
      merchantCode: one.merchantCode,
      name: one.name,
      branchName: names.get(one.branchCode) ?? one.branchCode,
      channels: channelsOf(deps, one),
      card: cardOf(asked.half!, one.merchantCode),
    }))
  return { kind: 'asked', request: asked.request, cards, address: deps.publicUrl }
}

const sees = ({ branchCode }: Operator, merchant: MerchantEntry) =>
  branchCode === null || merchant.branchCode === branchCode

/** As the shop's page lists them, the bank's own first. */
const channelsOf = ({ channels }: Pick<CardDeps, 'channels'>, { walletAccounts }: MerchantEntry) =>
  [...channels.keys()]
    .filter((name) => name === OWN_CHANNEL || walletAccounts[name] !== undefined)
    .sort((a, b) => Number(b === OWN_CHANNEL) - Number(a === OWN_CHANNEL))
    .map((name) => CHANNEL_LABELS[name])

/** The told half of each, for whoever approved; null: what was approved has none. */
export function wordsOf(
  { kind, after }: ChangeRequest,
  half: string | null,
): { merchantCode: string; word: string }[] | null {
  if (kind !== 'merchant.owners' || half === null) return null
  return (after as CardsWanted).merchantCodes.map((merchantCode) => ({
    merchantCode,
    word: wordOf(half, merchantCode),
  }))
}

import { openCards } from '../server/domain/deck-seal'
import { deriveKey } from '../server/domain/seal'

/** Of a row of `decks`. */
export interface CardsRow {
  campaign_id: string
  merchant_code: string
  business_date: string
  version: number
  amounts_fen: number[] | null
  /** in JSON as `\\x` and hex */
  sealed: Buffer | string | null
}

/** What lies in a deck, opened by the master key that every deck follows from; undefined: its seal doesn't open. */
export function cardsOf(row: CardsRow, masterKey: Uint8Array): readonly number[] | undefined {
  const { campaign_id: campaignId, merchant_code: merchantCode, business_date: businessDate, version } = row
  const secret = deriveKey(masterKey, `campaign|${campaignId}`)
  const sealed = typeof row.sealed === 'string' ? Buffer.from(row.sealed.slice(2), 'hex') : row.sealed
  return openCards(secret, { campaignId, merchantCode, businessDate, version }, sealed ?? row.amounts_fen!)
}

import { serverNow } from '../../api'
import { host } from '../../platform/host'
import { storage } from '../../platform/storage'

/** One intent to pay one quote. Its key goes with every attempt, so it pays once however often it is sent. */
export interface Intent {
  key: string
  quoteId: string
  /** what it is paid with at the bank; a wallet has none */
  agreementId?: string | undefined
  merchantCode: string
  payableFen: number
  /** when it was first sent, ms by the server's clock */
  at: number
}

/** After a day the answer is in the account's statement, and the question only disturbs. */
const KEPT_MS = 24 * 3_600_000

/** Each shop's own, and each person's: another's would be refused, which says nothing of the payment. */
const nameOf = (merchantCode: string) => `intents.${host.person('payer')}.${merchantCode}`

/** Pays that were sent and not answered for certain, kept on this device; all its tabs and reloads see them. */
export const intents = {
  of(merchantCode: string): Intent[] {
    const kept = storage.get<Intent[]>(nameOf(merchantCode)) ?? []
    return kept.filter(({ at }) => Math.abs(serverNow() - at) < KEPT_MS)
  },
  keep(intent: Intent): void {
    storage.set(nameOf(intent.merchantCode), [...others(intent), intent])
  },
  forget(intent: Intent): void {
    const left = others(intent)
    if (left.length > 0) storage.set(nameOf(intent.merchantCode), left)
    else storage.remove(nameOf(intent.merchantCode))
  },
}

const others = ({ merchantCode, key }: Intent) => intents.of(merchantCode).filter((one) => one.key !== key)

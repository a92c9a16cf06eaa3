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

/** False once a day has passed. Its key is good for an hour more at the server, and no answer to it says anything after that. */
export const isKept = ({ at }: Intent) => Math.abs(serverNow() - at) < KEPT_MS

/**
 * Each shop's own, and each person's where the device tells them apart. In the bank's app it doesn't: another's is refused as another's,
 * which says nothing of the payment.
 */
const nameOf = (merchantCode: string) => `intents.${host.person('payer')}.${merchantCode}`

/** Pays that were sent and not answered for certain, kept on this device; all its tabs and reloads see them. */
export const intents = {
  of(merchantCode: string): Intent[] {
    const kept = storage.get<Intent[]>(nameOf(merchantCode)) ?? []
    return kept.filter(isKept)
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

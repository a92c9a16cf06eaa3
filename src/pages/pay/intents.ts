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
  /** whose it is, by the session that it was sent in; one of before pages knew that is of whom the device tells apart */
  payer?: string | undefined
  payableFen: number
  /** when it was first sent, ms by the server's clock */
  at: number
}

/** After a day the answer is in the account's statement, and the question only disturbs. */
const KEPT_MS = 24 * 3_600_000

/** False once a day has passed. Its key is good for an hour more at the server, and no answer to it says anything after that. */
export const isKept = ({ at }: Intent) => Math.abs(serverNow() - at) < KEPT_MS

/** Each shop's own, and each person's: a telephone in the bank's app, or handed on, is several people's one after the other. */
const nameOf = ({ merchantCode, payer = host.person('payer') }: Pick<Intent, 'merchantCode' | 'payer'>) =>
  `intents.${payer}.${merchantCode}`

/**
 * Pays that were sent and not answered for certain, kept on this device; all its tabs and reloads see them, and none but their payer's log-in
 * does. They stay through another's, so that their payer doesn't pay twice.
 */
export const intents = {
  of: (merchantCode: string, payer: string): Intent[] => ofPayer({ merchantCode, payer }),
  keep(intent: Intent): void {
    storage.set(nameOf(intent), [...others(intent), intent])
  },
  forget(intent: Intent): void {
    const left = others(intent)
    if (left.length > 0) storage.set(nameOf(intent), left)
    else storage.remove(nameOf(intent))
  },
}

function ofPayer(whose: Pick<Intent, 'merchantCode' | 'payer'>): Intent[] {
  const kept = storage.get<Intent[]>(nameOf(whose)) ?? []
  return kept.filter(isKept)
}

const others = (intent: Intent) => ofPayer(intent).filter(({ key }) => key !== intent.key)

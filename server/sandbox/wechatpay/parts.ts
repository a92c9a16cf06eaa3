import type { Bills } from './bill'
import type { Faults } from './faults'
import type { WechatpayKeys } from './keys'
import type { Notices } from './notices'
import type { Signer } from './reply'
import type { Wallet } from './wallet'

/** What the sandbox's WeChat Pay is made of. */
export interface Parts {
  keys: WechatpayKeys
  wallet: Wallet
  faults: Faults
  notices: Notices
  bills: Bills
  signer: Signer
  /** where its people act, by the prepared number */
  pageUrl(prepayId: string): string
  /** the service provider's receipt, framed after a payment; null: none */
  receiptUrl: string | null
  /** what a sub-merchant is called */
  nameOf(subMchId: string): string
  now(): number
}

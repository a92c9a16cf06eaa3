import { isFen } from './money'

/** The bank's own channel: what the console calls "own" when it speaks of shares. */
export const OWN_CHANNEL = 'bank' as const

/** Every channel (渠道) that an order may be paid through: the one list that contract, SQL and console read. */
export const CHANNELS = [OWN_CHANNEL, 'wechatpay', 'alipay', 'unionpay'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** Those that aren't ours: each knows a merchant by a number of its own. */
export const WALLETS = CHANNELS.filter((name): name is Wallet => name !== OWN_CHANNEL)
export type Wallet = Exclude<ChannelName, typeof OWN_CHANNEL>

/** A merchant's number at each wallet (WeChat's sub_mchid, Alipay's and UnionPay's merchant id); absent: it has none there. */
export type WalletAccounts = Partial<Record<ChannelName, string>>

export const sameWalletAccounts = (a: WalletAccounts, b: WalletAccounts) => WALLETS.every((name) => a[name] === b[name])

/** What people call it. */
export const CHANNEL_LABELS: Readonly<Record<ChannelName, string>> = {
  bank: '本行账户',
  wechatpay: '微信支付',
  alipay: '支付宝',
  unionpay: '云闪付',
}

/** The one currency, as channels write it (ISO 4217). */
export const CURRENCY = 'CNY'

/**
 * Of what says nothing of an order, the codes by which a channel refuses us and no payer or merchant: our key, our signature, our
 * configuration, or what time it is. Everybody's next payment comes to the same until people mend it.
 */
export const REFUSES_US: ReadonlySet<string> = new Set([
  'key-unknown',
  'signature-invalid',
  'signature-refused',
  'misconfigured',
  'unsigned-refusal',
  'clock-skew',
])

/**
 * Of what says nothing of an order, and of what ends one, the codes by which a channel refuses what is asked for how we, a branch or a merchant are
 * set up there. People mend it; whom it isn't about is paid meanwhile.
 */
export const WANTS_MENDING: ReadonlySet<string> = new Set([
  'channel-refused',
  'merchant-refused',
  'no-right',
  'invalid-request',
  'wrong-role',
  'envelope-invalid',
  'legs-invalid',
  'unbalanced',
])

/** What no further question mends: each is an alarm. With `bad-signature` somebody signs in the channel's name, or a key of theirs is wrong with us. */
export const FOR_PEOPLE: ReadonlySet<string> = new Set(['bad-signature', ...REFUSES_US, ...WANTS_MENDING])

/**
 * What the payer must do before the channel debits (I11): hand `params` to the wallet, follow its address, answer the bank's
 * challenge. Opaque to the flow. Offered until `expiresAt` (ms) and never once its order has ended; whatever the client says of
 * it, only the channel's own answer ends the order.
 */
export interface PayerAction {
  kind: 'jsapi' | 'redirect' | 'challenge'
  params: Record<string, string>
  expiresAt: number
}

/**
 * How the channel made sure that it was the payer who paid: `none` is an agreement for small amounts (免密). Kept with the order;
 * what a day may come to hangs on it (银发〔2017〕296号).
 */
export const VERIFICATIONS = ['none', 'sms', 'password', 'app', 'redirect'] as const
export type Verification = (typeof VERIFICATIONS)[number]

/** What the payer brings against a challenge. Never kept, never logged; the bank alone reads it. */
export interface Proof {
  challengeId: string
  /** the code of a text message, a password's block */
  proof: string
}

/** An order or a refund as the channel itself has it: held against ours before the channel's word ends anything. */
export interface Seen {
  /** what the payer pays, or gets back, fen */
  amountFen: number
  /** ISO 4217 */
  currency: string
  /** the account credited, of a refund the one debited, as our order names it */
  payee: string
}

export type Misfit = 'other-amount' | 'other-currency' | 'other-payee'

/**
 * What a wallet made of the order's amount by a discount of its own: beside our figures, and in none of them (I10). The merchant gets
 * the order's amount either way; who bears the rest is between the wallet and whoever gave the coupon.
 */
export interface WalletPaid {
  /** what left the payer's account, fen */
  payerFen: number
  coupons: { name: string; fen: number }[]
}

const MOST_COUPONS = 20

/** As it can be kept: a wallet that says nonsense of its own discount says nothing, and the order ends all the same. */
export function soundPaid(paid: WalletPaid | undefined, payableFen: number): WalletPaid | null {
  if (!paid || !isFen(paid.payerFen) || paid.payerFen > payableFen) return null
  const sound = ({ fen }: { fen: number }) => isFen(fen) && fen <= payableFen
  if (!paid.coupons.every(sound)) return null
  const coupons = paid.coupons.slice(0, MOST_COUPONS).map(({ name, fen }) => ({ name: name.slice(0, 64), fen }))
  return { payerFen: paid.payerFen, coupons }
}

const UNFAMILIAR = 'channel-code:'

/**
 * The code of a verified decline for which none of ours stands: the channel's own, as it can be kept, shown and told apart from
 * ours. `channel-code:X-99`.
 */
export function unfamiliarDecline(said: string): string {
  return UNFAMILIAR + said.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 48)
}

/** What the channel itself said; undefined of a code of ours. */
export function saidByChannel(code: string): string | undefined {
  return code.startsWith(UNFAMILIAR) ? code.slice(UNFAMILIAR.length) : undefined
}

/** What of it is not as we have it; null when all fits. */
export function misfitOf(seen: Seen, ours: Omit<Seen, 'currency'>): Misfit | null {
  if (seen.amountFen !== ours.amountFen) return 'other-amount'
  if (seen.currency !== CURRENCY) return 'other-currency'
  return seen.payee === ours.payee ? null : 'other-payee'
}

/**
 * Our number of an order or a refund as wallets take it, letters and digits only:
 * `F20261121-7K3M-92QX-4T8B` ↔ `F202611217K3M92QX4T8B`.
 */
export function channelNo(ourNo: string): string {
  return ourNo.replaceAll('-', '')
}

const CHANNEL_NO = /^([FR]\d{8})([0-9A-Z]{4})([0-9A-Z]{4})([0-9A-Z]{4})$/

/** The way back. Undefined for a number that isn't made from one of ours. */
export function ourNo(channelNo: string): string | undefined {
  const parts = CHANNEL_NO.exec(channelNo)
  return parts ? parts.slice(1).join('-') : undefined
}

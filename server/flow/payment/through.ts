import { defaultOf } from '../../domain/agreement'
import type { Quote } from '../../domain/quote'
import { type AgreementDeps, agreementsOf } from '../agreement/agreements'
import type { Agreement, Believed, Channel, Identity, Means, MeansRefusal, Merchant, Provider, Purse } from '../ports'

/** With what a quote is paid, and who is paid. */
export interface Through {
  kind: 'through'
  channel: Channel
  means: Means & { kind: 'means' }
  /** whose account carries the subsidy */
  branchCode: string
  /** what all of it was made of */
  believed: Believed
}

export type NotThrough = { kind: 'none'; code: MeansRefusal | 'merchant-not-found' | 'quote-expired' }

export interface ThroughDeps extends AgreementDeps {
  identity: Pick<Identity, 'subjects'>
}

export interface Payer {
  payerId: string
  agreementId?: string | undefined
  platform?: string | undefined
}

/**
 * By what is remembered of merchant and payer, however long ago it was heard: the statement that opens the order looks at it again
 * ({@link Believed}). Nobody is refused for what is only believed.
 */
export async function throughOf(
  deps: ThroughDeps,
  payer: Payer,
  quote: Quote,
  channel: Channel,
): Promise<Through | NotThrough> {
  const believed = await throughAsOf('believed', deps, payer, quote, channel)
  return believed.kind === 'through' ? believed : throughAsOf('now', deps, payer, quote, channel)
}

/**
 * With what the payer pays through the channel, and which accounts are booked. A card is paid from the budget and the account that
 * its deck was committed to, wherever the merchant has moved since; anything else is the merchant's branch's of now.
 */
export async function throughAsOf(
  fresh: 'now' | 'believed',
  deps: ThroughDeps,
  { payerId, agreementId, platform }: Payer,
  quote: Quote,
  channel: Channel,
): Promise<Through | NotThrough> {
  const { card, merchantCode, businessDate } = quote
  const [merchant, agreements] = await Promise.all([
    deps.catalog.merchant(merchantCode, fresh),
    channel.agreements ? agreementsOf(deps, payerId, fresh) : [],
  ])
  // After what asks the ledger: by then it is known whether that is another than the one whose deck is remembered.
  const deck = card && { campaignId: card.campaignId, merchantCode, businessDate }
  const purse = deck ? await deps.catalog.purse(deck, fresh) : undefined
  if (!merchant || merchant.disabled) return { kind: 'none', code: 'merchant-not-found' }
  // A ledger that lost the deck has no budget that covers its cards; the next quote deals it again.
  if (card && purse === undefined) return { kind: 'none', code: 'quote-expired' }
  const payee = { ...merchant, ...purse }
  const chosen = agreementId ?? defaultOf(agreements)?.agreementId
  const identity = (provider: Provider) => deps.identity.subjects(payerId, provider, platform)
  const means = await channel.means({ payerId, agreements, agreementId: chosen, platform, identity }, payee)
  if (means.kind === 'none') return means
  const agreement = agreements.find((one) => one.agreementId === means.payerRef)
  const believed = believedOf(merchant, purse, agreement, agreementId === undefined)
  return { kind: 'through', channel, means, branchCode: payee.branchCode, believed }
}

/** Of a merchant whose card has a purse of its own it doesn't matter whose they are now. */
function believedOf(
  { account, branchCode, glAccount, walletAccounts }: Merchant,
  purse: Purse | null | undefined,
  agreement: Agreement | undefined,
  isDefault: boolean,
): Believed {
  return {
    merchant: purse ? { account, walletAccounts } : { account, walletAccounts, branchCode, glAccount },
    agreement: agreement ? { agreementId: agreement.agreementId, account: agreement.account, isDefault } : null,
  }
}

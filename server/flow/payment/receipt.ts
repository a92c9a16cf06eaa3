import type { ChannelName } from '../../domain/channel'
import { type Catalog, type Channels, type Ledger, type RefundLedger, unlessAway } from '../ports'
import { type RefundedOrder, withRefunds } from '../refund/refunded'

export interface ReceiptDeps {
  channels: Channels
  catalog: Pick<Catalog, 'merchant'>
  ledger: Pick<Ledger, 'order'>
  refunds: Pick<RefundLedger, 'refundedOf'>
}

export interface Receipt {
  /** whose pages may frame it */
  origin: string
  /** null: the address isn't the wallet's, or names no order of ours that was paid so */
  told: { order: RefundedOrder; merchantName: string } | null
}

/**
 * What a wallet's own page after a payment may frame of ours, as its address names it. How the order stands is the ledger's word, and
 * none of the address. Undefined: the channel has no such page.
 */
export async function receiptOf(
  deps: ReceiptDeps,
  channelName: string,
  query: URLSearchParams,
): Promise<Receipt | undefined> {
  const channel = deps.channels.get(channelName as ChannelName)
  if (!channel?.receipts) return undefined
  const { origin } = channel.receipts
  const named = channel.receipts.read(query)
  const order = named && (await deps.ledger.order(named.orderNo))
  if (order?.channel !== channel.name || order.accounts.merchant !== named?.payee) return { origin, told: null }
  const merchant = await unlessAway(deps.catalog.merchant(order.merchantCode), undefined)
  return { origin, told: { order: await withRefunds(deps, order), merchantName: merchant?.name ?? '商家' } }
}

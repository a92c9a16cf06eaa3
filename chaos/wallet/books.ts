import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ourNo, type Wallet } from '../../server/domain/channel'
import type { Movement as AlipayMovement, Refund as AlipayRefund, Trade } from '../../server/sandbox/alipay/trades'
import type {
  Payment,
  Movement as UnionPayMovement,
  Refund as UnionPayRefund,
} from '../../server/sandbox/unionpay/book'
import type { Prepay, WalletRefund, Movement as WechatpayMovement } from '../../server/sandbox/wechatpay/wallet'
import type { Booked, Books } from '../books'

/** What is left of a journal: of each value how it was last, and all items of each list. */
interface Kept {
  of<T>(map: string): Map<string, T>
  items<T>(list: string): T[]
}

/** A wallet's side of everything, read from the journal in which its sandbox keeps its books. */
export async function readWallet(name: Wallet, dataDir: string): Promise<Books> {
  const kept = await keptIn(join(dataDir, name, 'journal.jsonl'))
  const balances = [...kept.of<number>('balances')].map(
    ([account, balanceFen]) => [account, { balanceFen, openingFen: 0 }] as const,
  )
  const { orders, refunds } = READERS[name](kept)
  return { orders: ours(orders), refunds: ours(refunds), accounts: new Map(balances), namesPayers: false }
}

async function keptIn(file: string): Promise<Kept> {
  const maps = new Map<string, Map<string, unknown>>()
  const lists = new Map<string, unknown[]>()
  const under = <V>(all: Map<string, V>, name: string, none: V): V => {
    if (!all.has(name)) all.set(name, none)
    return all.get(name)!
  }
  for await (const line of createInterface({ input: createReadStream(file) }))
    for (const [name, key, value] of JSON.parse(line) as [string, string | null, unknown][])
      if (key === null) under(lists, name, []).push(value)
      else under(maps, name, new Map()).set(key, value)
  return {
    of: <T>(map: string) => under(maps, map, new Map()) as Map<string, T>,
    items: <T>(list: string) => under(lists, list, []) as T[],
  }
}

type Read = (kept: Kept) => { orders: [string, Booked][]; refunds: [string, Booked][] }

const READERS: Record<Wallet, Read> = {
  wechatpay(kept) {
    const times = timesOf(kept.items<WechatpayMovement>('movements'), ({ number, refundNo }) => refundNo ?? number)
    const orders = entries<Prepay>(kept.of('prepays'), ([number, { request, state, transactionId }]) => ({
      state: state === 'paid' ? 'done' : state === 'closed' ? 'dead' : 'open',
      tradeNo: transactionId || null,
      times: times(number),
      amountFen: request.amount.total,
      merchant: request.sub_mchid,
    }))
    const refunds = entries<WalletRefund>(kept.of('refunds'), ([number, { request, status, refundId }]) => ({
      state: status === 'SUCCESS' ? 'done' : status === 'PROCESSING' ? 'open' : 'dead',
      tradeNo: refundId,
      times: times(number),
      amountFen: request.amount.refund,
      merchant: request.sub_mchid,
    }))
    return { orders, refunds }
  },
  alipay(kept) {
    const times = timesOf(kept.items<AlipayMovement>('movements'), (one) => one.outRequestNo || one.outTradeNo)
    const trades = kept.of<Trade>('trades')
    const orders = entries<Trade>(trades, ([number, { request, state, tradeNo, paidAt }]) => ({
      // Closed is what nobody paid, and what all of it went back of.
      state: paidAt !== null ? 'done' : state === 'closed' ? 'dead' : 'open',
      tradeNo: paidAt === null ? null : tradeNo,
      times: times(number),
      amountFen: request.amountFen,
      merchant: request.merchantId,
    }))
    const refunds = entries<AlipayRefund>(kept.of('refunds'), ([number, { state, outTradeNo, amountFen }]) => ({
      state: state === 'done' ? 'done' : 'open',
      tradeNo: trades.get(outTradeNo)!.tradeNo,
      times: times(number),
      amountFen,
      merchant: trades.get(outTradeNo)!.request.merchantId,
    }))
    return { orders, refunds }
  },
  unionpay(kept) {
    const times = timesOf(kept.items<UnionPayMovement>('movements'), ({ orderId }) => orderId)
    const orders = entries<Payment>(kept.of('payments'), ([number, { merId, asked, state, queryId }]) => ({
      state: state === 'paid' ? 'done' : state === 'open' || state === 'processing' ? 'open' : 'dead',
      tradeNo: queryId || null,
      times: times(number),
      amountFen: asked?.amountFen ?? 0,
      merchant: merId,
    }))
    const refunds = entries<UnionPayRefund>(kept.of('refunds'), ([number, { merId, amountFen, state, queryId }]) => ({
      state: state === 'done' ? 'done' : state === 'processing' ? 'open' : 'dead',
      tradeNo: queryId || null,
      times: times(number),
      amountFen,
      merchant: merId,
    }))
    return { orders, refunds }
  },
}

function timesOf<M>(movements: M[], numberOf: (one: M) => string): (number: string) => number {
  const counts = new Map<string, number>()
  for (const one of movements) counts.set(numberOf(one), (counts.get(numberOf(one)) ?? 0) + 1)
  return (number) => counts.get(number) ?? 0
}

const entries = <T>(map: Map<string, T>, read: (entry: [string, T]) => Booked): [string, Booked][] =>
  [...map].map((entry) => [entry[0], read(entry)])

/** Wallets know ours without their dashes. */
const ours = (all: [string, Booked][]) => new Map(all.map(([number, one]) => [ourNo(number) ?? number, one]))

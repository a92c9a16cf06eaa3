import { actAtCashier } from '../harness/alipay'
import { actAtUnionPay, adminOf } from '../harness/unionpay'
import { wechatpayAdmin } from '../harness/wechatpay'
import { channelNo, type PayerAction } from '../server/domain/channel'
import type { OrderView, QuoteView } from '../server/http/contract'
import { countWork, type Orders } from './orders'
import { logIn } from './payers'
import { compare } from './rounds'
import { measure } from './subject'
import type { WalletHands, World } from './world'

const WORKERS = 16
/** As of the floor's orders: so little that the sandboxes' people pay as often as it takes. */
const AMOUNT_FEN = 100
/** A whole number of calls an order shows in the first decimal. */
const COUNTED = 40

export const WALLETS = ['wechatpay', 'alipay', 'unionpay'] as const
export type WalletName = (typeof WALLETS)[number]

/** The wallet's side of a payment, the same for ours and for the floor. */
interface Hand {
  /** the person pays where the action leads to */
  pay(action: PayerAction, number: string): Promise<string>
  /** the wallet tells of it now; the status that it was answered with */
  tell(number: string, notifyUrl: string): Promise<number | null>
}

/**
 * (e) A paid order by a wallet: quote, order, the person on the wallet's page, the wallet's notice. Beside it two bare routes with as many
 * SQL statements and Redis calls, and the channel's own adapter for what is sent and what is verified: the same signatures, the same wallet.
 */
export async function wallets(
  world: World,
  options: { rounds: number; forMs: number; payers: number },
): Promise<Record<WalletName, Orders>> {
  const found: Partial<Record<WalletName, Orders>> = {}
  for (const name of WALLETS) found[name] = await wallet(world, name, options)
  return found as Record<WalletName, Orders>
}

async function wallet(world: World, name: WalletName, options: { rounds: number; forMs: number; payers: number }) {
  const { bff, floor } = world
  const hand = (await handsOf(world.wallets!))[name]
  const payers = await logIn(bff, `${name}-payer`, options.payers, false)
  let next = 0
  const ours = async () => {
    const i = next++
    const { headers } = payers[i % payers.length]!
    const body = { merchantCode: 'M0001', amountFen: AMOUNT_FEN, channel: name }
    const { quoteId } = await bff.post<QuoteView>('/api/quotes', body, headers)
    const key = { ...headers, 'idempotency-key': `bench-${name}-${process.pid}-${i}` }
    const order = await bff.post<OrderView>('/api/orders', { quoteId }, key)
    await settle(hand, order, world.wallets!.bffUrl, name)
  }
  const theirs = async () => {
    await floor.post('/quotes', { amountFen: AMOUNT_FEN })
    const order = await floor.post<Pick<OrderView, 'orderNo' | 'action'>>(`/wallets/${name}`, {})
    await settle(hand, order, world.wallets!.floorUrl, name)
  }
  const perOrder = await countWork(bff, ours, COUNTED)
  world.tellFloor(perOrder)
  const limit = { forMs: options.forMs, atMost: Number.POSITIVE_INFINITY }
  const compared = await compare(
    options.rounds,
    () => measure(bff, WORKERS, limit, ours),
    () => measure(floor, WORKERS, limit, theirs),
  )
  return { ...compared, perOrder }
}

async function settle(
  hand: Hand,
  { orderNo, action }: Pick<OrderView, 'orderNo' | 'action'>,
  url: string,
  name: WalletName,
): Promise<void> {
  if (!action) throw new Error(`${name}: nothing for the payer to do`)
  const number = channelNo(orderNo)
  const said = await hand.pay(action as unknown as PayerAction, number)
  if (said !== 'paid') throw new Error(`${name}: the payer reads ${said}`)
  const status = await hand.tell(number, `${url}/channel/${name}/notify`)
  if (status !== 200) throw new Error(`${name}: the notice was answered ${status}`)
}

/** Notices are sent when the bench says so, and never besides. */
async function handsOf({ wechatpay, alipayUrl, unionpayUrl }: WalletHands): Promise<Record<WalletName, Hand>> {
  const theirs = wechatpayAdmin(wechatpay.url, wechatpay.adminToken)
  const unionpay = adminOf(unionpayUrl)
  const alipay = async <T>(route: string, value: unknown): Promise<T> => {
    const reply = await fetch(`${alipayUrl}/sandbox/${route}`, { method: 'POST', body: JSON.stringify(value) })
    if (!reply.ok) throw new Error(`alipay ${route}: ${reply.status}`)
    return reply.json() as Promise<T>
  }
  await theirs.notices({ url: null, times: 0 })
  await unionpay.notices({ times: 0 })
  await alipay('notices', { times: 0 })
  return {
    wechatpay: {
      pay: async (_, number) => String(await theirs.confirm(number)),
      tell: async (number, url) => (await theirs.notify(url, number))?.status ?? null,
    },
    alipay: {
      pay: ({ params }) => actAtCashier(params.url!, 'confirm'),
      tell: async (outTradeNo) => (await alipay<{ status: number | null }>('notify', { outTradeNo })).status,
    },
    unionpay: {
      pay: ({ params }) => actAtUnionPay(params.url!, 'confirm'),
      tell: async (number, url) => (await unionpay.notify(number, 'none', url))?.status ?? null,
    },
  }
}

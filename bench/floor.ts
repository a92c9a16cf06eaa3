import './meter'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import Router from '@koa/router'
import Koa from 'koa'
import { MAKERS } from '../server/channel'
import type { BankConfig } from '../server/channel/bank'
import { type SignedClient, signedClient } from '../server/channel/bank/client'
import { readConfig } from '../server/config'
import type { ChannelName } from '../server/domain/channel'
import { newOrderNo, type Order } from '../server/domain/order'
import { figures } from '../server/domain/quote'
import type { Channel } from '../server/flow/ports'
import { merchants } from '../server/sandbox/food-street'
import { serve } from '../server/serve'
import { connectRedis, redisReady } from '../server/store/redis/connect'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql, type Statement } from '../server/store/sql/open-sql'
import { defineEmpty, type Empty } from './empty-script'
import { plainQuotes } from './floor-quote'

/**
 * The floors, as a process of its own: bare Koa routes that make the round trips a request of ours makes, through the same
 * clients with the same settings, and nothing else. `floor <options as JSON>`; forked by the bench.
 */

export interface FloorOptions {
  redisUrl: string
  /** absent: an embedded one of its own, as the BFF has then */
  databaseUrl?: string
  bank: BankConfig
  businessDate: string
  /** where it listens, so that wallets can tell it */
  port: number
  /** with the wallets of its environment, told as the BFF is told */
  wallets: boolean
}

/** What one paid order asks of the outside on the average, as the bench counted it; sent as `{kind: 'work', …}` before the first one. */
export interface Work {
  sqlReads: number
  sqlWrites: number
  redisCalls: number
  bankCalls: number
}

/** About what a row of ours holds. */
const BODY = 'x'.repeat(300)
const READ: Statement = { name: 'floor-read', text: 'select body from floor_rows where id = $1' }
const WRITE: Statement = { name: 'floor-write', text: 'insert into floor_rows (body) values ($1)' }
/** Enough that two orders of one payer rarely meet at the bank. */
const PAYERS = 64
/** So little that the sandboxes' people, who begin with ¥100,000.00 each, pay as often as a bench asks. */
const WALLET_AMOUNT_FEN = 100

/** However busy the machine is: ours gives a quote without a card after 300 ms, and there is nothing that the floor could do instead. */
const PATIENT_MS = 20_000

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2]!) as FloorOptions
  const redis = connectRedis(options.redisUrl, () => {}, PATIENT_MS)
  if (!(await redisReady(redis, 10_000))) throw new Error('floor: no Redis')
  await redis.set('floor', BODY)
  const empty = defineEmpty(redis)
  const sql = await open(options.databaseUrl)
  const bank = await openBank(options)
  let work: Work = { sqlReads: 0, sqlWrites: 0, redisCalls: 0, bankCalls: 0 }
  let due = countDue()
  process.on('message', (message: { kind?: string }) => {
    if (message.kind !== 'work') return
    work = message as unknown as Work
    due = countDue()
  })

  const router = new Router()
  plainQuotes(router, empty)
  router.post('/bare', async (ctx) => {
    ctx.body = { value: await redis.get('floor') }
  })
  router.post('/quotes', async (ctx) => {
    await empty()
    ctx.body = { quoteId: BODY }
  })
  router.post('/orders', async (ctx) => {
    await floorOrder(work, due, sql, empty, bank)
    ctx.body = { state: 'paid', body: BODY }
  })
  if (options.wallets)
    walletRoutes(router, options.businessDate, {
      work: () => work,
      due: (name, perOrder) => due(name, perOrder),
      sql,
      empty,
    })
  const { port } = await serve(new Koa().use(router.routes()).callback(), options.port, '127.0.0.1')
  process.send?.({ kind: 'listening', url: `http://127.0.0.1:${port}` })
}

/** Of so much an order, in parts of a call, as many calls as are due: orders of ours that queue share a statement, so 0.6 is three calls in five orders. */
type Due = (name: string, perOrder: number) => number

function countDue(): Due {
  const owed = new Map<string, number>()
  return (name, perOrder) => {
    const all = (owed.get(name) ?? 0) + perOrder
    const calls = Math.floor(all + 1e-9)
    owed.set(name, all - calls)
    return calls
  }
}

/** The quote's Redis call was made in its own request; the rest of the order's outside world is here, one after another. */
async function floorOrder(work: Work, due: Due, sql: Sql, empty: Empty, pay: () => Promise<void>): Promise<void> {
  for (let i = due('reads', work.sqlReads); i > 0; i--) await sql.run(READ, [1])
  for (let i = due('writes', work.sqlWrites); i > 0; i--) await sql.run(WRITE, [BODY])
  for (let i = due('redis', Math.max(0, work.redisCalls - 1)); i > 0; i--) await empty()
  for (let i = due('bank', work.bankCalls); i > 0; i--) await pay()
}

/**
 * A wallet's: what is sent and what is verified goes through the channel's own adapter, and nothing is made of it. The last write comes
 * with the notice, as the order's end does.
 */
function walletRoutes(
  router: Router,
  businessDate: string,
  { work, due, sql, empty }: { work: () => Work; due: Due; sql: Sql; empty: Empty },
): void {
  const { channels: configs } = readConfig()
  const around = { clock: { now: Date.now }, monotonic: { now: Date.now }, random: randomBytes, dir: tmpdir() }
  const names = ['wechatpay', 'alipay', 'unionpay'] as const
  const open = names.flatMap((name) => MAKERS[name]?.(configs, around) ?? [])
  const channels = new Map(open.map((channel) => [channel.name as string, channel]))
  router.post('/wallets/:name', async (ctx) => {
    const channel = channels.get(String(ctx.params.name))!
    const all = work()
    const told = { ...all, sqlWrites: Math.max(0, all.sqlWrites - 1), bankCalls: 0 }
    await floorOrder(told, due, sql, empty, async () => {})
    const order = await orderOf(channel, businessDate)
    const { action } = await channel.pay(order)
    ctx.body = { orderNo: order.orderNo, action, body: BODY }
  })
  router.post('/channel/:name/notify', async (ctx) => {
    const { notices } = channels.get(String(ctx.params.name))!
    const parts: Buffer[] = []
    for await (const part of ctx.req) parts.push(part as Buffer)
    const request = { method: 'POST', path: ctx.url, headers: ctx.headers, body: Buffer.concat(parts) }
    const notice = notices!.read(request)
    if (notice.kind !== 'verified') throw new Error(`floor: ${ctx.params.name}'s notice is ${notice.code}`)
    for (let i = due('end', Math.min(1, work().sqlWrites)); i > 0; i--) await sql.run(WRITE, [BODY])
    const { status, type, body } = notices!.acknowledge({ kind: 'handled' })
    ctx.status = status
    ctx.type = type
    ctx.body = body
  })
}

async function orderOf(channel: Channel, businessDate: string): Promise<Order> {
  const payerId = `p_${randomBytes(9).toString('base64url')}`
  const identity = async () => [{ appId: 'wx00000000fa9a1001', subject: `o${payerId}` }]
  const means = await channel.means({ payerId, agreements: [], identity }, merchants[0]!)
  if (means.kind === 'none') throw new Error(`floor: ${channel.name}: ${means.code}`)
  const now = Date.now()
  return {
    orderNo: newOrderNo(businessDate, randomBytes(12)),
    quoteNonce: '',
    payerId,
    payerRef: means.payerRef,
    merchantCode: merchants[0]!.merchantCode,
    channel: channel.name as ChannelName,
    businessDate,
    figures: figures(WALLET_AMOUNT_FEN, 0, 50),
    card: null,
    reason: 'channel-not-eligible',
    accounts: means.accounts,
    branchCode: null,
    state: 'paying',
    createdAt: now,
    payBy: now + 300_000,
    action: null,
    endedAt: null,
    channelTradeNo: null,
    verification: null,
    closeReason: null,
  }
}

async function open(databaseUrl: string | undefined): Promise<Sql> {
  const connection = databaseUrl ? { connectionString: databaseUrl } : (await startEmbeddedSql()).connection
  const sql = openSql(connection)
  await sql.pool.query('create table floor_rows (id bigint generated always as identity primary key, body text)')
  await sql.run(WRITE, [BODY])
  return sql
}

/** Clearings like ours, of payers of its own; a verified 200 each or it throws. */
async function openBank({ bank, businessDate }: FloorOptions): Promise<() => Promise<void>> {
  const client = signedClient({ ...bank, clock: { now: Date.now }, random: randomBytes })
  const payers = await Promise.all(Array.from({ length: PAYERS }, (_, i) => agree(client, `floor-payer-${i}`)))
  let paid = 0
  return async () => {
    const { agreementId, account } = payers[paid % PAYERS]!
    const orderNo = `FLOOR-${process.pid}-${++paid}`
    const legs = [
      { account, role: 'payer', amountFen: -9_600 },
      { account: '6421-03', role: 'gl', amountFen: -800 },
      { account: 'acct-M0001', role: 'merchant', amountFen: 10_400 },
    ]
    const reply = await client.exchange('POST', '/v1/clearings', { orderNo, businessDate, agreementId, legs })
    if (reply.kind !== 'verified' || reply.status !== 200) throw new Error(`floor: the bank said ${reply.body}`)
  }
}

async function agree(client: SignedClient, payerId: string) {
  const reply = await client.exchange('POST', '/v1/easy-agreements', { payerId })
  if (reply.kind !== 'verified') throw new Error(`floor: no agreement, ${reply.code}`)
  return JSON.parse(reply.body) as { agreementId: string; account: string }
}

// It keeps nothing, so it may end at once, with the bench or before.
process.on('disconnect', () => process.exit(0))
main().catch((error) => {
  process.send?.({ kind: 'failed', message: String(error?.stack ?? error) })
  process.exitCode = 1
  process.disconnect?.()
})

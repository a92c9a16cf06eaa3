import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { APP_ID, SELLER_ID, startTestAlipay } from '../../harness/alipay'
import { type Answer, ask, type CallOptions } from '../../harness/ask'
import { movedClock } from '../../harness/clock-of'
import { freePort } from '../../harness/free-port'
import { startTestLedger } from '../../harness/ledger'
import { eventually, PATIENT, SANDBOX_PASSWORD } from '../../harness/system'
import { TYPESCRIPT } from '../../harness/typescript'
import { readConfig } from '../../server/config'
import { channelNo } from '../../server/domain/channel'
import type { OrderView } from '../../server/http/contract'
import { type Running, startBff } from '../../server/main'
import type { Twist } from '../../server/sandbox/alipay/notices'
import type { Trade } from '../../server/sandbox/alipay/trades'
import { sandboxEnv, startSandboxBank } from '../../server/sandbox/system'

export type AlipayHouse = Awaited<ReturnType<typeof startAlipayHouse>>

/** The BFF in this process with the sandbox's bank and its Alipay; one payer came by Alipay, another by a browser. */
export async function startAlipayHouse() {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-alipay-'))
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  let aheadMs = 0
  const theirs = await startTestAlipay(() => Date.now() + aheadMs)
  stops.push(theirs.stop)
  const ledger = await startTestLedger(dataDir)
  stops.push(ledger.stop)
  const bankEnv = { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' }
  let bank = await startSandboxBank(dataDir, bankEnv)
  stops.push(() => bank.child.stop())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    ...sandboxEnv(dataDir, bank.url),
    ...ledger.env,
    ...PATIENT,
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: String(port),
    PUBLIC_URL: url,
    RECONCILE_AT: 'off',
    DEAL_AHEAD: 'off',
    SANDBOX_EASY: 'on',
    SANDBOX_PASSWORD,
    RATE_LIMITS: 'off',
    BANK_TIMEOUT_MS: '3000',
    STATIC_CODE_DAILY_LIMIT_FEN: '1000000',
    ALIPAY_APP_ID: APP_ID,
    ALIPAY_SELLER_ID: SELLER_ID,
    ALIPAY_PRIVATE_KEY: theirs.privateKey,
    ALIPAY_PUBLIC_KEY: theirs.publicKey,
    ALIPAY_GATEWAY_URL: theirs.config.gatewayUrl,
    ALIPAY_OPEN_URL: theirs.url,
    ALIPAY_TIMEOUT_MS: '1000',
    ALIPAY_PAY_WITHIN_MS: '8000',
    CLOCK_TOLERANCE_MS: '2000',
  }
  let bff: Running = await startBff(readConfig(env), pino({ level: 'silent' }))
  stops.push(() => bff.stop())

  const call = <T = unknown>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> =>
    ask<T>(url, method, path, options)
  const tokenOf = async (path: string, body: object) =>
    (await call<{ token: string }>('POST', path, { body })).body.token
  const logIn = async () => ({
    inAlipay: await tokenOf('/api/session', { platform: 'alipay-h5', code: theirs.platform.code(APP_ID, 'li') }),
    inBrowser: await tokenOf('/api/session', { platform: 'browser', code: 'payer-wang' }),
  })
  let tokens = await logIn()
  let keys = 0
  const view = async ({ orderNo }: { orderNo: string }, token = tokens.inAlipay) =>
    (await call<OrderView>('GET', `/api/orders/${orderNo}`, { token })).body
  const tradeOf = ({ orderNo }: { orderNo: string }): Trade | undefined => theirs.trades.trades.get(channelNo(orderNo))

  return {
    theirs,
    call,
    view,
    tradeOf,
    browser: () => tokens.inBrowser,
    owner: (code: string) => tokenOf('/api/merchant/session', { platform: 'browser', code: `merchant-${code}` }),
    operator: (username: string) => tokenOf('/admin/session', { username, password: SANDBOX_PASSWORD }),
    async opened({ amountFen = 2_000, token = tokens.inAlipay, merchantCode = 'M0001' } = {}): Promise<OrderView> {
      const body = { merchantCode, amountFen, channel: 'alipay' }
      const { quoteId } = (await call<{ quoteId: string }>('POST', '/api/quotes', { token, body })).body
      const headers = { 'Idempotency-Key': `alipay-key-${++keys}-00000000` }
      return (await call<OrderView>('POST', '/api/orders', { token, headers, body: { quoteId } })).body
    },
    ended: (order: OrderView, token = tokens.inAlipay) =>
      eventually(async () => {
        const now = await view(order, token)
        return now.state === 'paying' ? undefined : now
      }),
    cashierOf: (order: OrderView) => order.action!.params.sandboxUrl ?? order.action!.params.url!,
    /** Alipay tells of an order, or a refund of it, now. */
    async tell(order: OrderView, twist: Twist = 'none', refundNo?: string) {
      const refund = refundNo === undefined ? undefined : theirs.trades.refunds.get(channelNo(refundNo))
      return theirs.notices.send(theirs.trades, tradeOf(order)!, refund, twist)
    },
    /** how many alarms of that code were raised so far */
    async alarms(code: string): Promise<number> {
      const { body } = await call<string>('GET', '/metrics')
      return Number(new RegExp(`^fapai_alarms_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0)
    },
    /** Everybody's clock is so far ahead from now on, ms. */
    async travel(ms: number) {
      await bff.stop()
      await bank.child.stop()
      aheadMs = ms
      bank = await startSandboxBank(dataDir, { ...bankEnv, ...movedClock(ms) }, bank)
      bff = await startBff(readConfig({ ...env, CLOCK_SHIFT_MS: String(ms) }), pino({ level: 'silent' }))
      tokens = await logIn()
    },
    /** Alipay does again as it should, and tells nobody of anything by itself. */
    calm() {
      theirs.faults.set([])
      Object.assign(theirs.trades.slowness, { payment: 0, refund: 0 })
      theirs.notices.way = { times: 0, delayMs: 0, retries: 0 }
    },
    async stop() {
      for (const one of stops.reverse()) await one()
    },
  }
}

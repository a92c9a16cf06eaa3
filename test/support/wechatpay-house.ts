import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { type Answer, ask, type CallOptions } from '../../harness/ask'
import { startTestLedger } from '../../harness/ledger'
import { eventually, PATIENT, SANDBOX_PASSWORD } from '../../harness/system'
import { TYPESCRIPT } from '../../harness/typescript'
import { wechatpayAdmin } from '../../harness/wechatpay'
import { checkCode } from '../../server/channel/wechatpay/sign'
import { readConfig } from '../../server/config'
import { channelNo } from '../../server/domain/channel'
import type { OrderView, RefundView } from '../../server/http/contract'
import { startBff } from '../../server/main'
import { sandboxEnv, startSandboxBank, startSandboxWechatpay } from '../../server/sandbox/system'
import { startWechatServer } from '../../server/sandbox/wechat/server'
import type { Twist } from '../../server/sandbox/wechatpay/notices'

export type WechatpayHouse = Awaited<ReturnType<typeof startWechatpayHouse>>

/** The mini-program that its people pay in. */
const WEAPP = { appId: 'wx00000000000000a1', secret: 'a'.repeat(32), kind: 'weapp', united: true } as const

/** Whoever is slow to pay is closed after so long; long enough for a test that pays. */
const PAY_WITHIN_MS = 8_000

/** The BFF in this process with the sandbox's bank and its WeChat Pay as processes, and WeChat; payers log in by name. */
export async function startWechatpayHouse() {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-wechatpay-'))
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const one of stops.reverse()) await one()
  }
  const processes = { ...process.env, ...TYPESCRIPT }
  const wechat = await startWechatServer({ apps: [WEAPP], production: false })
  stops.push(wechat.stop)
  const ledger = await startTestLedger(dataDir)
  stops.push(ledger.stop)
  const [bank, wechatpay] = await Promise.all([
    startSandboxBank(dataDir, { ...processes, SANDBOX_EASY: 'on' }),
    startSandboxWechatpay(dataDir, processes),
  ])
  stops.push(bank.child.stop, wechatpay.child.stop)
  const env = {
    ...sandboxEnv(dataDir, bank.url),
    ...ledger.env,
    ...wechatpay.env,
    ...{ WECHAT_APPID: WEAPP.appId, WECHAT_SECRET: WEAPP.secret, WECHAT_API_URL: wechat.url },
    ...PATIENT,
    ...{ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RECONCILE_AT: 'off', DEAL_AHEAD: 'off', SANDBOX_EASY: 'on' },
    ...{ RATE_LIMITS: 'off', SANDBOX_PASSWORD, BANK_TIMEOUT_MS: '1500', STATIC_CODE_DAILY_LIMIT_FEN: '1000000' },
    ...{ WECHATPAY_TIMEOUT_MS: '800', WECHATPAY_PAY_WITHIN_MS: String(PAY_WITHIN_MS), WECHATPAY_RECONCILE_AT: 'off' },
  }
  const bff = await startBff(readConfig(env), pino({ level: 'silent' }))
  stops.push(bff.stop)

  const call = <T = unknown>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> =>
    ask<T>(bff.url, method, path, options)
  const tokenOf = async (path: string, body: object) =>
    (await call<{ token: string }>('POST', path, { body })).body.token
  const session = (code: string) => tokenOf('/api/session', { platform: 'browser', code })
  const token = await session('payer-wechat')
  const owner = await tokenOf('/api/merchant/session', { platform: 'browser', code: 'merchant-M0001' })
  const admin = wechatpayAdmin(wechatpay.url, wechatpay.adminToken)
  const notifyUrl = `${bff.url}/channel/wechatpay/notify`
  let keys = 0
  const key = () => ({ 'Idempotency-Key': `wechat-key-${++keys}-000000000` })
  const view = async ({ orderNo }: { orderNo: string }) =>
    (await call<OrderView>('GET', `/api/orders/${orderNo}`, { token })).body

  /** the address that WeChat Pay frames for an order, by a key of whoever makes it */
  const receiptPath = (orderNo: string, subMchId: string, apiV2Key = wechatpay.env.WECHATPAY_API_V2_KEY!) => {
    const numbers = { outTradeNo: channelNo(orderNo), subMchId }
    const query = { sub_mch_id: subMchId, out_trade_no: numbers.outTradeNo, check_code: checkCode(apiV2Key, numbers) }
    return `/channel/wechatpay/receipt?${new URLSearchParams(query)}`
  }
  return {
    admin,
    receiptPath,
    /** WeChat itself, beside its Pay */
    wechat,
    url: bff.url,
    wechatpayUrl: wechatpay.url,
    call,
    token,
    view,
    notifyUrl,
    operator: (username: string) => tokenOf('/admin/session', { username, password: SANDBOX_PASSWORD }),
    async opened(amountFen = 2_000): Promise<OrderView> {
      const body = { merchantCode: 'M0001', amountFen, channel: 'wechatpay' }
      const { quoteId } = (await call<{ quoteId: string }>('POST', '/api/quotes', { token, body })).body
      return (await call<OrderView>('POST', '/api/orders', { token, headers: key(), body: { quoteId } })).body
    },
    ended: (order: OrderView) =>
      eventually(async () => {
        const now = await view(order)
        return now.state === 'paying' ? undefined : now
      }),
    /** the merchant's owner gives so much back */
    refund: async (order: OrderView, payerFen: number): Promise<Answer<RefundView>> =>
      call('POST', `/api/merchant/orders/${order.orderNo}/refunds`, {
        token: owner,
        headers: key(),
        body: { amountFen: payerFen },
      }),
    refundEnded: (order: OrderView, refundNo: string) =>
      eventually(async () => {
        const { body } = await call<{ items: RefundView[] }>('GET', `/api/merchant/orders/${order.orderNo}/refunds`, {
          token: owner,
        })
        const one = body.items.find((refund) => refund.refundNo === refundNo)
        return one && one.state !== 'refunding' ? one : undefined
      }),
    /** WeChat Pay tells of an order or a refund now, by our number of it. */
    tell: (number: string, twist?: Twist) => admin.notify(notifyUrl, channelNo(number), twist),
    /** how many alarms of that code were raised so far */
    async alarms(code: string): Promise<number> {
      const { body } = await call<string>('GET', '/metrics')
      return Number(new RegExp(`^fapai_alarms_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0)
    },
    there: async (number: string) =>
      (await admin.payments()).find(({ request }) => request.out_trade_no === channelNo(number)),
    /** WeChat Pay does again as it should, and tells nothing unasked. */
    async calm() {
      await admin.faults()
      await admin.ways({ payment: 0, refund: 1, refundFate: 'SUCCESS', couponFen: 0 })
      await admin.notices({ url: notifyUrl, times: 0 })
      await admin.bill('none')
    },
    stop,
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { type Answer, ask, type CallOptions } from '../../harness/ask'
import { movedClock } from '../../harness/clock-of'
import { startTestLedger } from '../../harness/ledger'
import { eventually, PATIENT, SANDBOX_PASSWORD } from '../../harness/system'
import { startTestUnionPay } from '../../harness/unionpay'
import { readConfig } from '../../server/config'
import { businessDate, DAY_MS, endOfBusinessDate } from '../../server/domain/business-date'
import { channelNo } from '../../server/domain/channel'
import type { OrderView } from '../../server/http/contract'
import { startBff } from '../../server/main'
import { sandboxEnv, startSandboxBank } from '../../server/sandbox/system'
import type { Twist } from '../../server/sandbox/unionpay/notices'

export type UnionPayHouse = Awaited<ReturnType<typeof startUnionPayHouse>>

/**
 * The BFF in this process with the sandbox's bank and UnionPay; one payer is logged in. It is noon of the next day there at any hour:
 * UnionPay's day ends an hour before ours, and what a test finds in its files would depend on when it was run.
 */
export async function startUnionPayHouse() {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-unionpay-'))
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const one of stops.reverse()) await one()
  }
  // Each request says where its notice goes, so the address is known before anybody listens there.
  const port = await freePort()
  const shiftMs = endOfBusinessDate(businessDate(Date.now())) + DAY_MS / 2 - Date.now()
  const unionPay = await startTestUnionPay(`127.0.0.1:${port}`, () => Date.now() + shiftMs)
  stops.push(unionPay.stop)
  const ledger = await startTestLedger(dataDir)
  stops.push(ledger.stop)
  const bank = await startSandboxBank(dataDir, { ...process.env, ...movedClock(shiftMs), SANDBOX_EASY: 'on' })
  stops.push(bank.child.stop)
  const caFile = join(dataDir, 'unionpay.pem')
  writeFileSync(caFile, unionPay.server.authorities)
  const own = {
    NODE_ENV: 'test',
    CLOCK_SHIFT_MS: String(shiftMs),
    LOG_LEVEL: 'silent',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    RECONCILE_AT: 'off',
    DEAL_AHEAD: 'off',
    SANDBOX_EASY: 'on',
    RATE_LIMITS: 'off',
    STATIC_CODE_DAILY_LIMIT_FEN: '1000000',
    // A refund is first asked about after the longest deadline of all channels, and nobody pays at the bank here.
    BANK_TIMEOUT_MS: '3000',
    UNIONPAY_TIMEOUT_MS: '1000',
    UNIONPAY_PAY_WITHIN_MS: '8000',
  }
  const env = {
    ...sandboxEnv(dataDir, bank.url),
    ...ledger.env,
    ...PATIENT,
    ...unionPay.env(caFile),
    ...own,
    SANDBOX_PASSWORD,
  }
  const bff = await startBff(readConfig(env), pino({ level: 'silent' }))
  stops.push(bff.stop)

  const call = <T = unknown>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> =>
    ask<T>(bff.url, method, path, options)
  const tokenOf = async (path: string, body: object) =>
    (await call<{ token: string }>('POST', path, { body })).body.token
  const token = await tokenOf('/api/session', { platform: 'browser', code: 'payer-unionpay' })
  let keys = 0
  const view = async ({ orderNo }: { orderNo: string }) =>
    (await call<OrderView>('GET', `/api/orders/${orderNo}`, { token })).body
  const { admin } = unionPay

  return {
    url: bff.url,
    unionPay,
    call,
    token,
    view,
    /** the owner of a merchant */
    owner: (code: string) => tokenOf('/api/merchant/session', { platform: 'browser', code: `merchant-${code}` }),
    operator: (username: string) => tokenOf('/admin/session', { username, password: SANDBOX_PASSWORD }),
    async opened(amountFen = 2_000): Promise<OrderView> {
      const body = { merchantCode: 'M0001', amountFen, channel: 'unionpay' }
      const { quoteId } = (await call<{ quoteId: string }>('POST', '/api/quotes', { token, body })).body
      const headers = { 'Idempotency-Key': `unionpay-key-${++keys}-000000000` }
      return (await call<OrderView>('POST', '/api/orders', { token, headers, body: { quoteId } })).body
    },
    ended: (order: OrderView) =>
      eventually(async () => {
        const now = await view(order)
        return now.state === 'paying' ? undefined : now
      }),
    pageOf: (order: OrderView) => order.action!.params.url!,
    /** UnionPay tells of an order or a refund now, by our number of it, where it was told to. */
    tell: (number: string, twist?: Twist) => admin.notify(channelNo(number), twist),
    /** how many alarms of that code were raised so far */
    async alarms(code: string): Promise<number> {
      const { body } = await call<string>('GET', '/metrics')
      return Number(new RegExp(`^fapai_alarms_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0)
    },
    /** UnionPay does again as it should, and tells nothing unless it is asked. */
    async calm() {
      await admin.faults()
      await admin.files()
      await admin.ways({ payment: 0, refund: 0, refundFate: 'done', reversals: 'taken' })
      await admin.notices({ times: 0 })
    },
    stop,
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

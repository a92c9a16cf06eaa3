import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, ask, type CallOptions } from '../../harness/ask'
import { startTestLedger } from '../../harness/ledger'
import { eventually, PATIENT, SANDBOX_PASSWORD } from '../../harness/system'
import { startToyBff } from '../../harness/toy-bff'
import type { ToyConfig } from '../../harness/toy-wallet/channel/schema'
import { startTestToy, type TestToy } from '../../harness/toy-wallet/start'
import { TYPESCRIPT } from '../../harness/typescript'
import { channelNo } from '../../server/domain/channel'
import type { OrderView } from '../../server/http/contract'
import { type SandboxBank, sandboxEnv, startSandboxBank } from '../../server/sandbox/system'

export type ToyHouse = Awaited<ReturnType<typeof startToyHouse>>

/** The BFF in this process with the sandbox bank and the toy wallet, which stands in for Alipay; one payer is logged in. */
export async function startToyHouse(changed: Partial<ToyConfig> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-toy-'))
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const one of stops.reverse()) await one()
  }
  const wallet: TestToy = await startTestToy()
  stops.push(wallet.stop)
  const ledger = await startTestLedger(dataDir)
  stops.push(ledger.stop)
  const bank: SandboxBank = await startSandboxBank(dataDir, { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' })
  stops.push(bank.child.stop)
  const own = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    RECONCILE_AT: 'off',
    DEAL_AHEAD: 'off',
    SANDBOX_EASY: 'on',
    RATE_LIMITS: 'off',
    // A quarter of them may wait for the wallet.
    REQUESTS_MAX: '400',
  }
  const toy = { ...wallet.config, timeoutMs: 1_000, payWithinMs: 8_000, dailyPerPayerFen: 1_000_000, ...changed }
  const bff = await startToyBff(
    { ...sandboxEnv(dataDir, bank.url), ...ledger.env, ...PATIENT, ...own, SANDBOX_PASSWORD },
    'alipay',
    toy,
  )
  stops.push(bff.stop)

  const call = <T = unknown>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> =>
    ask<T>(bff.url, method, path, options)
  const tokenOf = async (path: string, body: object) =>
    (await call<{ token: string }>('POST', path, { body })).body.token
  const token = await tokenOf('/api/session', { platform: 'browser', code: 'payer-toy' })
  let keys = 0
  const view = async ({ orderNo }: { orderNo: string }) =>
    (await call<OrderView>('GET', `/api/orders/${orderNo}`, { token })).body

  async function quoted(amountFen = 2_000, channel = 'alipay'): Promise<string> {
    const body = { merchantCode: 'M0001', amountFen, channel }
    return (await call<{ quoteId: string }>('POST', '/api/quotes', { token, body })).body.quoteId
  }
  const payQuote = (quoteId: string, key = `toy-key-${++keys}-0000000000`) =>
    call<OrderView & { code?: string }>('POST', '/api/orders', {
      token,
      headers: { 'Idempotency-Key': key },
      body: { quoteId },
    })

  return {
    dataDir,
    bank,
    wallet,
    call,
    token,
    view,
    /** the owner of a merchant */
    owner: (code: string) => tokenOf('/api/merchant/session', { platform: 'browser', code: `merchant-${code}` }),
    operator: (username: string) => tokenOf('/admin/session', { username, password: SANDBOX_PASSWORD }),
    quoted,
    payQuote,
    opened: async (amountFen?: number, channel?: string): Promise<OrderView> =>
      (await payQuote(await quoted(amountFen, channel))).body,
    ended: (order: OrderView) =>
      eventually(async () => {
        const now = await view(order)
        return now.state === 'paying' ? undefined : now
      }),
    pageOf: (order: OrderView) => order.action!.params.url!,
    notifyUrl: `${bff.url}/channel/alipay/notify`,
    /** The wallet tells of an order or a refund now, by our number of it. */
    tell: (number: string, twist?: Parameters<TestToy['admin']['notify']>[2]) =>
      wallet.admin.notify(`${bff.url}/channel/alipay/notify`, channelNo(number), twist),
    /** how many alarms of that code were raised so far */
    async alarms(code: string): Promise<number> {
      const { body } = await call<string>('GET', '/metrics')
      return Number(new RegExp(`^fapai_alarms_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0)
    },
    /** The wallet does again as it should. */
    async calm() {
      await wallet.admin.faults()
      await wallet.admin.slowness({ payment: 0, refund: 1, refundFate: 'succeeded' })
      await wallet.admin.notices({ url: `${bff.url}/channel/alipay/notify`, times: 0 })
    },
    stop,
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../../harness/system'
import { startToyBff } from '../../../harness/toy-bff'
import { actOnPage, startTestToy, type TestToy } from '../../../harness/toy-wallet/start'
import { channelNo } from '../../../server/domain/channel'
import type { OrderView } from '../../../server/http/contract'
import type { Running } from '../../../server/main'
import { type SandboxBank, sandboxEnv, startSandboxBank } from '../../../server/sandbox/system'

/** A wallet's misdeeds, and what they come to through the BFF. */

const PAY_WITHIN_MS = 4_000

describe('an order at the toy wallet', () => {
  let wallet: TestToy
  let bank: SandboxBank
  let bff: Running
  let token: string
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-toy-'))
  let keys = 0

  beforeAll(async () => {
    wallet = await startTestToy()
    bank = await startSandboxBank(dataDir, { ...process.env, NODE_OPTIONS: '--import tsx' })
    const own = { NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RECONCILE_AT: 'off', DEAL_AHEAD: 'off' }
    const toy = { ...wallet.config, timeoutMs: 1_000, payWithinMs: PAY_WITHIN_MS, dailyPerPayerFen: 1_000_000 }
    bff = await startToyBff({ ...sandboxEnv(dataDir, bank.url), ...own }, 'alipay', toy)
    const session = await call('POST', '/api/session', { platform: 'browser', code: 'payer-toy' })
    token = (session.body as { token: string }).token
  }, 120_000)
  afterEach(async () => {
    await wallet.admin.faults()
    await wallet.admin.slowness({ payment: 0, refund: 1, refundFate: 'succeeded' })
  })
  afterAll(async () => {
    await bff?.stop()
    await bank?.child.stop()
    await wallet.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const reply = await fetch(bff.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  async function opened(amountFen = 2_000): Promise<OrderView> {
    const quote = await call('POST', '/api/quotes', { merchantCode: 'M0001', amountFen, channel: 'alipay' })
    const key = { 'Idempotency-Key': `toy-key-${++keys}-0000000000` }
    return (await call('POST', '/api/orders', { quoteId: quote.body.quoteId }, key)).body as OrderView
  }
  const view = async ({ orderNo }: OrderView) => (await call('GET', `/api/orders/${orderNo}`)).body as OrderView
  const ended = (order: OrderView) =>
    eventually(async () => {
      const now = await view(order)
      return now.state === 'paying' ? undefined : now
    })
  const pageOf = (order: OrderView) => order.action!.params.url!
  const notifyUrl = () => `${bff.url}/channel/alipay/notify`
  const tell = ({ orderNo }: OrderView, twist?: Parameters<TestToy['admin']['notify']>[2]) =>
    wallet.admin.notify(notifyUrl(), channelNo(orderNo), twist)
  const alarms = async (code: string) => {
    const { body } = await call('GET', '/metrics')
    return Number(new RegExp(`^fapai_alarms_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body as string)?.[1] ?? 0)
  }

  it('shows what is to be done, carries no discount, and is paid once the person has confirmed', async () => {
    const order = await opened()
    expect(order).toMatchObject({ state: 'paying', discountFen: 0, action: { kind: 'redirect' } })
    expect((await view(order)).action).toEqual(order.action)
    expect(await actOnPage(pageOf(order), 'confirm')).toBe('paid')
    expect(await ended(order)).toMatchObject({ state: 'paid', action: null })
  }, 60_000)

  it('of a person who walks away is closed at the wallet after its time, and nobody can pay it any more', async () => {
    const order = await opened()
    expect(await ended(order)).toMatchObject({ state: 'closed', action: null })
    const there = (await wallet.admin.payments()).find(({ number }) => number === channelNo(order.orderNo))
    expect(there?.state).toBe('closed')
    expect(await actOnPage(pageOf(order), 'confirm')).toBe('over')
  }, 60_000)

  it('of a person who confirms while the close is on its way is paid', async () => {
    await wallet.admin.faults({ fault: { mode: 'paid-meanwhile' }, limits: { on: ['query'] } })
    const order = await opened()
    expect(await ended(order)).toMatchObject({ state: 'paid' })
  }, 60_000)

  it('whose closes come to nothing stays open, and is asked about until one does not', async () => {
    await wallet.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['close'] } })
    const order = await opened()
    await eventually(async () => ((await wallet.admin.struck()) >= 1 ? true : undefined))
    expect((await view(order)).state).toBe('paying')
    await wallet.admin.faults()
    expect(await ended(order)).toMatchObject({ state: 'closed' })
  }, 90_000)

  it('is ended by no notice of another amount, payee or currency, and each is an alarm', async () => {
    const order = await opened()
    await actOnPage(pageOf(order), 'confirm')
    for (const [twist, code] of [
      ['wrong-amount', 'other-amount'],
      ['wrong-payee', 'other-payee'],
      ['wrong-currency', 'other-currency'],
    ] as const) {
      const before = await alarms(code)
      // Heard before the sweeper's own question, the order is still paying; heard after it, it is paid by the truth.
      await tell(order, twist)
      expect((await view(order)).state).toBe('paying')
      expect(await alarms(code)).toBe(before + 1)
    }
    expect(await tell(order)).toMatchObject({ status: 200, answer: 'OK' })
    expect(await view(order)).toMatchObject({ state: 'paid' })
    expect(await tell(order)).toMatchObject({ status: 200, answer: 'OK' })
  }, 60_000)

  it('is ended by no probe, no flipped bit and no stale notice; each is refused, and the true one is acknowledged', async () => {
    const order = await opened()
    await actOnPage(pageOf(order), 'confirm')
    for (const twist of ['probe', 'flipped', 'stale'] as const) expect((await tell(order, twist)).status).toBe(403)
    expect((await tell(order, 'unknown-number')).status).toBe(404)
    expect((await tell(order)).status).toBe(200)
    expect(await ended(order)).toMatchObject({ state: 'paid' })
  }, 60_000)

  it('whose reply is lost or a 500 after all was done is found by a question, with what is to be done', async () => {
    for (const fault of [{ mode: 'lose-reply' } as const, { mode: 'error-after', status: 500 } as const]) {
      await wallet.admin.faults({ fault, limits: { on: ['prepare'], times: 1 } })
      const order = await opened()
      expect(order).toMatchObject({ state: 'paying', action: null })
      const found = await eventually(async () => {
        const now = await view(order)
        return now.action || now.state !== 'paying' ? now : undefined
      })
      if (found.action) await actOnPage(found.action.params.url!, 'confirm')
      expect((await ended(order)).state).toBe(found.action ? 'paid' : 'closed')
    }
  }, 90_000)
})

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestBank, type TestBank } from '../../harness/bank'
import { statementAdmin, TEST_ADMIN_TOKEN } from '../../harness/statements'
import { clientCertificate, localAuthority, opensslMissing, startTlsFront } from '../../harness/tls'
import { TODAY } from '../../harness/today'
import { bankChannel } from '../../server/channel/bank'
import { type CertificateNews, clientCertificateOf, clientCertificates } from '../../server/channel/client-certificate'
import { openWire } from '../../server/channel/wire'
import { NOTHING_REFUNDED, newRefundNo, type Refund, refundShares } from '../../server/domain/refund'
import { orderOf } from './channel-contract'

const missing = opensslMissing()
if (missing) console.warn(missing)

type Pair = Pick<ReturnType<typeof clientCertificate>, 'cert' | 'key'>

function presented({ cert, key }: Pair) {
  const pair = clientCertificateOf(cert, key)
  if ('fault' in pair) throw new Error(pair.fault)
  return pair
}
const always = (pair: Pair) =>
  clientCertificates(
    presented(pair),
    '',
    () => '',
    () => presented(pair),
  )

;(missing ? describe.skip : describe)('a bank that asks for a client certificate', () => {
  const dirs = [0, 1, 2].map(() => mkdtempSync(join(tmpdir(), 'fapai-mtls-')))
  const [authority, foreign] = dirs.slice(1).map((dir) => localAuthority(dir))
  const ours = clientCertificate(authority!, 'fapai')
  const renewed = clientCertificate(authority!, 'fapai-renewed')
  const others = clientCertificate(foreign!, 'fapai')
  const ca = readFileSync(authority!.caFile, 'utf8')
  const opened: { stop(): Promise<void> }[] = []
  let bank: TestBank
  let front: Awaited<ReturnType<typeof startTlsFront>>
  beforeAll(async () => {
    bank = await startTestBank()
    front = await startTlsFront(bank.baseUrl, authority!, ca)
  })
  beforeEach(() => void front.seen.splice(0))
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.stop()
  })
  afterAll(async () => {
    await front.stop()
    await bank.stop()
    for (const dir of dirs) rmSync(dir, { recursive: true })
  })

  function channelWith(clientCertificate?: ReturnType<typeof always>, baseUrl = front.url) {
    const line = { baseUrl, ca, clientCertificate, dir: dirs[0]!, timeoutMs: 20_000 }
    const channel = bankChannel({ ...bank.config, ...line, clock: { now: Date.now }, random: randomBytes })
    opened.push(channel)
    return channel
  }
  const refundOf = (order: Awaited<ReturnType<typeof orderOf>>): Refund => ({
    ...{
      refundNo: newRefundNo(TODAY, randomBytes(16)),
      orderNo: order.orderNo,
      businessDate: TODAY,
      state: 'refunding',
    },
    ...{ shares: refundShares(order.figures, NOTHING_REFUNDED, order.figures.payableFen), createdAt: 0 },
    ...{ reason: null, endedAt: null, channelRefundNo: null, failReason: null },
  })

  it('is shown ours for all that it is asked: agreements, paying, questions, closing, refunds, statements', async () => {
    const channel = channelWith(always(ours))
    await channel.ping()
    expect(await channel.agreements.easy!('payer-1')).toMatchObject({ kind: 'debit' })
    const order = await orderOf(channel, 'payer-1')
    const { outcome } = await channel.pay(order)
    expect(outcome).toMatchObject({ kind: 'succeeded' })
    expect((await channel.query(order)).outcome).toEqual(outcome)
    const never = await orderOf(channel, 'payer-1')
    expect((await channel.close(never)).outcome).toMatchObject({ kind: 'declined' })
    const paid = { ...order, channelTradeNo: outcome.kind === 'succeeded' ? outcome.channelTradeNo : '' }
    const refund = refundOf(paid)
    expect((await channel.refunds.refund(paid, refund)).outcome).toMatchObject({ kind: 'succeeded' })
    expect((await channel.refunds.queryRefund(paid, refund)).outcome).toMatchObject({ kind: 'succeeded' })
    await statementAdmin(bank.baseUrl, TEST_ADMIN_TOKEN).cut(TODAY)
    expect(await channel.statements.fetchStatement(TODAY)).toMatchObject({ kind: 'fetched', manifest: { lines: 2 } })
    // payments, the statement's manifest and its file each have a connection of their own
    expect(front.seen.length).toBeGreaterThanOrEqual(3)
    expect(new Set(front.seen)).toEqual(new Set(['fapai']))
  })

  it.each([
    ['none', undefined],
    ['one of another authority', others],
  ] as const)('lets nobody through with %s: nothing is booked, and nothing is believed', async (_, pair) => {
    const order = await orderOf(channelWith(always(ours)), 'payer-1')
    const channel = channelWith(pair && always(pair))
    front.seen.splice(0)
    await expect(channel.ping()).rejects.toThrow('ping: connection-lost')
    // TLS 1.3 tells us only after we have written: whether the bank saw it is the bank's to say.
    expect((await channel.pay(order)).outcome).toMatchObject({ kind: 'unknown' })
    expect(await channel.statements.fetchStatement(TODAY)).toMatchObject({ code: 'statement-unavailable' })
    expect(front.seen).toEqual([])
    expect((await bank.admin.clearings()).filter((one) => one.orderNo === order.orderNo)).toEqual([])
  })

  it('is shown a renewed one with the next connection, and a broken one never', async () => {
    let files = { stamp: 'first', read: () => presented(ours) as ReturnType<typeof presented> | { fault: string } }
    const certificates = clientCertificates(
      presented(ours),
      'first',
      () => files.stamp,
      () => files.read(),
    )
    const news: CertificateNews[] = []
    certificates.onNews((one) => news.push(one))
    const channel = channelWith(certificates)
    await channel.ping()
    files = { stamp: 'half', read: () => ({ fault: 'is not the key of the first certificate' }) }
    await again(channel)
    expect(front.seen).toEqual(['fapai', 'fapai'])
    files = { stamp: 'whole', read: () => presented(renewed) }
    await again(channel)
    await again(channel)
    expect(front.seen).toEqual(['fapai', 'fapai', 'fapai-renewed', 'fapai-renewed'])
    expect(news).toEqual([
      { kind: 'refused', fault: 'is not the key of the first certificate' },
      { kind: 'taken', expiresAt: presented(renewed).expiresAt },
    ])
  })
  async function again(channel: ReturnType<typeof channelWith>) {
    front.cut()
    // a ping may still meet the connection that is closing
    await channel.ping().catch(() => channel.ping())
  }

  it('is the only one that is: another counterpart that asks is shown none', async () => {
    const config = { baseUrl: front.url, timeoutMs: 20_000, ca }
    const wire = openWire(config)
    opened.push(wire)
    expect(await wire.send({ method: 'GET', path: '/', headers: {}, body: '' })).toMatchObject({ kind: 'failed' })
    expect(front.seen).toEqual([])
  })

  it('has its statements believed by the authority that it is said to be of, and by no other', async () => {
    const open = await startTlsFront(bank.baseUrl, authority!)
    opened.push(open)
    const ofIts = await channelWith(undefined, open.url).statements.fetchStatement(TODAY)
    expect(ofIts).toMatchObject({ kind: 'fetched' })
    const stranger = await startTlsFront(bank.baseUrl, foreign!)
    opened.push(stranger)
    const ofAnother = await channelWith(undefined, stranger.url).statements.fetchStatement(TODAY)
    expect(ofAnother).toMatchObject({ kind: 'refused', code: 'statement-unavailable' })
  })
})

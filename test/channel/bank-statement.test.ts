import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestBank, type TestBank } from '../../harness/bank'
import { type StatementAdmin, statementAdmin, TEST_ADMIN_TOKEN } from '../../harness/statements'
import { TODAY } from '../../harness/today'
import { bankChannel, bankStatements } from '../../server/channel/bank'
import { generateBankKeys, HEADER, keyIdOf, replyText, signer } from '../../server/channel/bank/sign'
import { addDays } from '../../server/domain/business-date'
import type { StatementLine } from '../../server/domain/match'
import type { Order } from '../../server/domain/order'
import { NOTHING_REFUNDED, newRefundNo, type Refund, refundShares } from '../../server/domain/refund'
import type { FetchedStatement, StatementManifest } from '../../server/flow/ports'
import type { StatementFaultInput } from '../../server/sandbox/bank/statement-faults'
import { orderOf } from './channel-contract'

const clock = { now: Date.now }
/** Each test cuts a day of its own, one after the other. */
let day = addDays(TODAY, -1)
const nextDay = () => {
  day = addDays(day, 1)
  return day
}

function refundOf(order: Order, refundNo: string, payerFen: number): Refund {
  const shares = refundShares(order.figures, NOTHING_REFUNDED, payerFen)
  const none = { reason: null, endedAt: null, channelRefundNo: null, failReason: null }
  return { ...none, refundNo, orderNo: order.orderNo, businessDate: TODAY, shares, state: 'refunding', createdAt: 0 }
}

describe('the statement of the bank', () => {
  let bank: TestBank
  let admin: StatementAdmin
  let channel: ReturnType<typeof bankChannel>
  let statements: ReturnType<typeof bankStatements>
  const dir = mkdtempSync(join(tmpdir(), 'fapai-statements-'))
  beforeAll(async () => {
    bank = await startTestBank()
    admin = statementAdmin(bank.baseUrl, TEST_ADMIN_TOKEN)
    channel = bankChannel({ ...bank.config, clock, random: randomBytes })
    statements = bankStatements({ ...bank.config, clock, random: randomBytes, dir })
  })
  afterEach(async () => {
    await admin.faults()
    await bank.admin.clearFaults()
  })
  afterAll(async () => {
    await channel.stop()
    await statements.stop()
    await bank.stop()
    rmSync(dir, { recursive: true })
  })

  const paid = async (discountFen = 1_000): Promise<Order> => {
    const order = await orderOf(channel, 'payer-1', { discountFen })
    const { outcome } = await channel.pay(order)
    if (outcome.kind !== 'succeeded') throw new Error(`not paid: ${JSON.stringify(outcome)}`)
    return { ...order, channelTradeNo: outcome.channelTradeNo }
  }
  const linesOf = async (fetched: FetchedStatement): Promise<StatementLine[]> => {
    if (fetched.kind !== 'fetched') throw new Error(`${fetched.code}: ${fetched.detail}`)
    const lines: StatementLine[] = []
    for await (const batch of fetched.batches()) lines.push(...batch)
    return lines
  }
  const fetchLines = async (date: string) => linesOf(await statements.fetchStatement(date))

  it('holds every booking of its day, leg by leg, and no other', async () => {
    const date = nextDay()
    const order = await paid()
    const plain = await paid(0)
    await channel.close(await orderOf(channel, 'payer-1'))
    const refundNo = newRefundNo(TODAY, randomBytes(12))
    const refund = await channel.refunds.refund(order, refundOf(order, refundNo, 4_750))
    await admin.cut(date)
    await paid()

    const fetched = await statements.fetchStatement(date)
    expect(fetched).toMatchObject({
      kind: 'fetched',
      manifest: {
        date,
        lines: 3,
        totals: {
          clearing: { count: 2, payerFen: -19_500, glFen: -1_000, merchantFen: 20_500 },
          refund: { count: 1, payerFen: 4_750, glFen: 500, merchantFen: -5_250 },
        },
      },
    })
    const payerTail = order.accounts.payer.slice(-4)
    const common = { kind: 'clearing', refundNo: null, bookedAt: expect.any(Number), payerTail, currency: 'CNY' }
    const { merchant, gl } = order.accounts
    const accounts = { merchantAccount: merchant, glAccount: gl }
    expect(await linesOf(fetched)).toEqual([
      {
        ...common,
        ...accounts,
        lineNo: 1,
        orderNo: order.orderNo,
        channelTradeNo: order.channelTradeNo,
        payerFen: -9_500,
        glFen: -1_000,
        merchantFen: 10_500,
      },
      {
        ...common,
        lineNo: 2,
        orderNo: plain.orderNo,
        channelTradeNo: plain.channelTradeNo,
        payerFen: -10_000,
        glFen: 0,
        merchantFen: 10_000,
        glAccount: null,
        merchantAccount: plain.accounts.merchant,
      },
      {
        ...common,
        ...accounts,
        kind: 'refund',
        lineNo: 3,
        orderNo: order.orderNo,
        refundNo,
        channelTradeNo: refund.outcome.kind === 'succeeded' ? refund.outcome.channelTradeNo : '',
        payerFen: 4_750,
        glFen: 500,
        merchantFen: -5_250,
      },
    ])
    expect(readFileSync(fetched.kind === 'fetched' ? fetched.file : '', 'utf8').split('\n')[0]).toBe(
      `FAPAI-STATEMENT|2|${date}`,
    )
  })

  it('is not ready before its day is cut, and a booking after the cut is in the next day’s', async () => {
    const date = nextDay()
    expect(await statements.fetchStatement(date)).toMatchObject({ kind: 'refused', code: 'statement-not-ready' })
    await admin.cut(date)
    const late = await paid()
    expect(await fetchLines(date)).not.toContainEqual(expect.objectContaining({ orderNo: late.orderNo }))
    await admin.cut(nextDay())
    expect(await fetchLines(day)).toEqual([expect.objectContaining({ orderNo: late.orderNo })])
  })

  it('of a day without bookings is a file with no lines', async () => {
    await admin.cut(nextDay())
    await admin.cut(nextDay())
    expect(await fetchLines(day)).toEqual([])
  })

  const refusals: [string, StatementFaultInput['mode']][] = [
    ['statement-truncated', 'truncate'],
    ['statement-tampered', 'tamper'],
    ['statement-wrong-totals', 'wrong-totals'],
    ['statement-wrong-date', 'wrong-date'],
  ]
  it.each(refusals)('is refused as %s, leaves no file behind, and is taken when it is whole', async (code, mode) => {
    const date = nextDay()
    await paid()
    await admin.cut(date)
    await admin.faults({ mode, times: 1 })
    const before = readdirSync(dir)
    expect(await statements.fetchStatement(date)).toMatchObject({ kind: 'refused', code })
    expect(readdirSync(dir)).toEqual(before)
    expect(await fetchLines(date)).toHaveLength(1)
  })

  it.each(['lose-request', 'error-before', 'bad-signature', 'garbage'] as const)(
    'is refused when its manifest comes to %s',
    async (mode) => {
      await admin.cut(nextDay())
      await bank.admin.faults({ mode, on: ['statement'], times: 1 })
      const code = mode === 'garbage' ? 'statement-manifest-malformed' : 'statement-unavailable'
      expect(await statements.fetchStatement(day)).toMatchObject({ kind: 'refused', code })
      expect(await fetchLines(day)).toEqual([])
    },
  )

  it('holds the mistakes that were planted, tells them, and keeps them for good', async () => {
    const date = nextDay()
    const [twice, gone, amount, gl, right] = await Promise.all([paid(), paid(), paid(), paid(), paid()])
    await admin.faults(
      { mode: 'book-twice', orderNo: twice.orderNo },
      { mode: 'leave-out', orderNo: gone.orderNo },
      { mode: 'wrong-amount', orderNo: amount.orderNo },
      { mode: 'wrong-gl', orderNo: gl.orderNo },
      { mode: 'phantom', times: 2 },
    )
    await admin.cut(date)
    const lines = await fetchLines(date)
    const of = (order: Order) => lines.filter((line) => line.orderNo === order.orderNo)
    expect([twice, gone, amount, gl, right].map((order) => of(order).length)).toEqual([2, 0, 1, 1, 1])
    expect(of(amount)[0]).toMatchObject({ payerFen: -9_501, merchantFen: 10_501 })
    expect(of(gl)[0]!.glAccount).not.toBe(gl.accounts.gl)
    expect(lines).toHaveLength(7)
    const planted = await admin.planted(date)
    expect(planted.map((plant) => plant.mode).sort()).toEqual(
      ['book-twice', 'leave-out', 'phantom', 'phantom', 'wrong-amount', 'wrong-gl'].sort(),
    )
    await admin.faults()
    expect(await fetchLines(date)).toEqual(lines)
  })

  it('keeps cuts and mistakes through kill -9', async () => {
    const first = await startTestBank()
    const before = bankChannel({ ...first.config, clock, random: randomBytes })
    const order = await orderOf(before, 'payer-1')
    await before.pay(order)
    const told = statementAdmin(first.baseUrl, TEST_ADMIN_TOKEN)
    await told.faults({ mode: 'book-twice' })
    await told.cut(TODAY)
    const dates = async (config: TestBank['config']) => {
      const source = bankStatements({ ...config, clock, random: randomBytes, dir })
      const fetched = await source.fetchStatement(TODAY)
      await source.stop()
      return fetched.kind === 'fetched' ? fetched.manifest : fetched
    }
    const manifest = await dates(first.config)
    await before.stop()
    await first.kill()
    const second = await startTestBank(first)
    expect(await dates(second.config)).toEqual(manifest)
    expect(manifest).toMatchObject({ lines: 2 })
    await second.stop()
    await first.stop()
  })

  it('is refused when nobody is there', async () => {
    const gone = bankStatements({ ...bank.config, baseUrl: 'http://127.0.0.1:1', clock, random: randomBytes, dir })
    expect(await gone.fetchStatement(TODAY)).toMatchObject({ kind: 'refused', code: 'statement-unavailable' })
    await gone.stop()
  })
})

/** Manifests are the bank's word, so what only a bank gone mad could send is read from a file. */
describe('the text of a statement', () => {
  const GOOD = 'C|F1||B1|1763640000000|-95|-5|100|gl|merchant'
  const totals = (count: number) => ({
    clearing: { count, payerFen: -95 * count, glFen: -5 * count, merchantFen: 100 * count },
    refund: { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 },
  })
  const dir = mkdtempSync(join(tmpdir(), 'fapai-statement-text-'))
  afterAll(() => rmSync(dir, { recursive: true }))

  const fetchText = async (text: string, told: Partial<StatementManifest> = {}): Promise<FetchedStatement> => {
    const keys = generateBankKeys()
    const sign = signer(keys.bank.privateKey)
    const sha256 = createHash('sha256').update(text).digest('hex')
    const bytes = Buffer.byteLength(text)
    const manifest = { date: '2026-11-20', sha256, bytes, lines: 1, totals: totals(1), ...told }
    const server = createServer((request, response) => {
      if (request.url?.endsWith('/file')) return void response.end(text)
      const body = JSON.stringify(manifest)
      const timestamp = String(Date.now())
      const nonce = String(request.headers[HEADER.nonce])
      const signed = replyText({ method: 'GET', path: request.url!, status: 200, timestamp, nonce, body })
      const keyId = keyIdOf(keys.bank.publicKey)
      const headers = { [HEADER.keyId]: keyId, [HEADER.timestamp]: timestamp, [HEADER.signature]: sign(signed) }
      response.writeHead(200, headers).end(body)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const source = bankStatements({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      keyId: 'k',
      privateKey: keys.client.privateKey,
      bankPublicKey: keys.bank.publicKey,
      timeoutMs: 5_000,
      clock,
      random: randomBytes,
      dir,
    })
    const fetched = await source.fetchStatement('2026-11-20')
    await source.stop()
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    return fetched
  }
  const trailer = (count: number) => `END|${count}|${count}|${-95 * count}|${-5 * count}|${100 * count}|0|0|0|0\n`
  const file = (...rows: string[]) => `FAPAI-STATEMENT|1|2026-11-20\n${rows.map((row) => `${row}\n`).join('')}`

  it('is taken when it is as the document says', async () => {
    expect(await fetchText(file(GOOD) + trailer(1))).toMatchObject({ kind: 'fetched' })
  })

  it('names the payer’s account by its tail from the second version on, and the first is still read', async () => {
    const tails = async (text: string) => {
      const fetched = await fetchText(text)
      if (fetched.kind !== 'fetched') return fetched.code
      const lines: StatementLine[] = []
      for await (const batch of fetched.batches()) lines.push(...batch)
      return lines.map((line) => line.payerTail)
    }
    const second = (row: string) => file(row).replace('STATEMENT|1', 'STATEMENT|2') + trailer(1)
    expect(await tails(file(GOOD) + trailer(1))).toEqual([null])
    expect(await tails(second(`${GOOD}|0417`))).toEqual(['0417'])
    for (const tail of ['', '041', '04170', '041x', '6217880000000000417'])
      expect(await tails(second(`${GOOD}|${tail}`))).toBe('statement-malformed')
  })

  it.each<[string, string, string]>([
    ['without a header', `${GOOD}\n${trailer(1)}`, 'statement-malformed'],
    [
      'of the next version without its field',
      `FAPAI-STATEMENT|2|2026-11-20\n${GOOD}\n${trailer(1)}`,
      'statement-malformed',
    ],
    ['of another version', `FAPAI-STATEMENT|3|2026-11-20\n${GOOD}\n${trailer(1)}`, 'statement-malformed'],
    ['without a trailer', file(GOOD), 'statement-malformed'],
    ['that goes on after its trailer', `${file(GOOD)}${trailer(1)}${GOOD}\n`, 'statement-malformed'],
    ['without its last line break', (file(GOOD) + trailer(1)).slice(0, -1), 'statement-malformed'],
    ['with a line of another kind', file(GOOD.replace('C|', 'X|')) + trailer(1), 'statement-malformed'],
    ['with a field too many', file(`${GOOD}|x`) + trailer(1), 'statement-malformed'],
    ['with a clearing that names a refund', file(GOOD.replace('F1||', 'F1|R1|')) + trailer(1), 'statement-malformed'],
    ['with legs out of balance', file(GOOD.replace('-95', '-94')) + trailer(1), 'statement-malformed'],
    ['with an amount in yuan', file(GOOD.replace('-95', '-0.95')) + trailer(1), 'statement-malformed'],
    ['with a GL leg of no account', file(GOOD.replace('|gl|', '||')) + trailer(1), 'statement-malformed'],
    ['with a line without end', file('x'.repeat(2_000_000)) + trailer(1), 'statement-malformed'],
    ['whose trailer counts wrong', file(GOOD) + trailer(2), 'statement-wrong-totals'],
    ['that its manifest counts otherwise', file(GOOD, GOOD) + trailer(2), 'statement-wrong-totals'],
  ])('%s is refused', async (_, text, code) => {
    expect(await fetchText(text)).toMatchObject({ kind: 'refused', code })
  })

  it.each<[string, Partial<StatementManifest>]>([
    ['statement-too-long', { bytes: 40 }],
    ['statement-truncated', { bytes: 4_000 }],
    ['statement-tampered', { sha256: '0'.repeat(64) }],
    ['statement-wrong-date', { date: '2026-11-19' }],
    ['statement-wrong-totals', { lines: 2 }],
    ['statement-wrong-totals', { totals: totals(2) }],
    ['statement-manifest-malformed', { bytes: 2_000_000_000 }],
    ['statement-manifest-malformed', { totals: { ...totals(1), refund: { ...totals(0).refund, glFen: 0.5 } } }],
  ])('is refused as %s when its manifest says %j', async (code, told) => {
    expect(await fetchText(file(GOOD) + trailer(1), told)).toMatchObject({ kind: 'refused', code })
  })
})

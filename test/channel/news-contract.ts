import type { StatementLine } from '../../server/domain/match'
import { decide, type Order } from '../../server/domain/order'
import type { Notice, RawRequest } from '../../server/flow/ports'
import { type ChannelUnderTest, orderOf, payThrough, somebody } from './channel-contract'
import { refundOf } from './refund-contract'

/** What a channel tells of its own accord, and of a day that is over. */

export interface NewsUnderTest extends ChannelUnderTest {
  /** the next notice about an order or a refund, by our number of it, as it arrives here */
  notice(number: string): Promise<RawRequest>
  /** our clock is off by so much from now on, ms */
  skew(ms: number): void
  /** the day is over, and a new one has begun; answers its date */
  cut(): Promise<string>
  /** a notice without its signature, where that isn't in a header */
  unsigned?(request: RawRequest): RawRequest
  /** a notice of a refund names no amount of its own: it says only that there is something to ask about */
  readonly refundsHint?: true
  /** its notices name no time of their own: an old one is like one that comes late */
  readonly untimed?: true
}

const SUCCEEDED = { kind: 'succeeded', channelTradeNo: expect.any(String) }
const TEN_MINUTES = 600_000

/** A paid order, of which some went back. */
async function refundedOrder(on: NewsUnderTest) {
  const order = await orderOf(on.channel, somebody())
  const refund = refundOf(order, 5_000)
  const { outcome } = await payThrough(on, order)
  let reply = await on.channel.refunds!.refund(order, refund)
  while (reply.outcome.kind === 'pending') reply = await on.channel.refunds!.queryRefund(order, refund)
  return { order, refund, paid: outcome, refunded: reply.outcome }
}

/** What every channel with notices holds. */
export function noticeContract(name: string, start: () => Promise<NewsUnderTest>): void {
  describe(`notices of ${name}`, () => {
    let on: NewsUnderTest
    beforeAll(async () => {
      on = await start()
    })
    afterEach(async () => {
      on.skew(0)
      await on.calm()
    })
    afterAll(() => on?.stop())

    const read = (request: RawRequest): Notice => on.channel.notices!.read(request)
    const newsOf = async (): Promise<{ order: Order; request: RawRequest }> => {
      const order = await orderOf(on.channel, somebody())
      await payThrough(on, order)
      return { order, request: await on.notice(order.orderNo) }
    }

    it('say of an order, under our number, what a query says', async () => {
      const { order, request } = await newsOf()
      const { outcome, seen } = await on.channel.query(order)
      const notice = read(request)
      expect(notice).toMatchObject({ kind: 'verified', about: 'order', number: order.orderNo })
      expect(notice).toMatchObject({ reply: { verb: 'notify', outcome, seen } })
      if (notice.kind !== 'verified' || notice.about !== 'order') throw new Error('checked above')
      expect(decide(order, notice.reply.outcome, notice.reply.seen)).toMatchObject({ kind: 'end', state: 'paid' })
    })

    it('say of a refund, under our number, what a query says', async () => {
      const { order, refund } = await refundedOrder(on)
      const { outcome, seen } = await on.channel.refunds!.queryRefund(order, refund)
      expect(outcome).toEqual(SUCCEEDED)
      const notice = read(await on.notice(refund.refundNo))
      expect(notice).toMatchObject({ kind: 'verified', about: 'refund', number: refund.refundNo })
      const said = on.refundsHint ? { outcome: { kind: 'pending' } } : { outcome, seen }
      expect(notice).toMatchObject({ reply: { verb: 'notify', ...said } })
    })

    it('are refused when a bit of them was changed, when they came another way, or without a signature', async () => {
      const { request } = await newsOf()
      const flipped = Uint8Array.from(request.body, (byte, i) => (i === request.body.length >> 1 ? byte ^ 1 : byte))
      const bare = Object.fromEntries(Object.entries(request.headers).filter(([key]) => !/sign/.test(key)))
      const unsigned = on.unsigned?.(request) ?? { ...request, headers: bare }
      for (const other of [
        { ...request, body: flipped },
        { ...request, body: new Uint8Array() },
        { ...request, path: `${request.path}?x=1` },
        { ...request, method: 'PUT' },
        unsigned,
        { ...request, headers: {} },
      ])
        expect(read(other).kind).toBe('refused')
      expect(read(request).kind).toBe('verified')
    })

    it('are refused when they are old, or of a clock that is ahead', async () => {
      if (on.untimed) return
      const { request } = await newsOf()
      for (const ms of [TEN_MINUTES, -TEN_MINUTES]) {
        on.skew(ms)
        expect(read(request)).toMatchObject({ kind: 'refused' })
      }
      on.skew(0)
      expect(read(request).kind).toBe('verified')
    })

    it('are acknowledged once they are handled, and only then', () => {
      const { acknowledge } = on.channel.notices!
      expect(acknowledge({ kind: 'handled' }).status).toBe(200)
      for (const result of [{ kind: 'refused' as const, code: 'x' }, { kind: 'not-found' as const }])
        expect(acknowledge(result).status).toBeGreaterThanOrEqual(400)
    })
  })
}

/** What every channel with statements holds. */
export function statementContract(name: string, start: () => Promise<NewsUnderTest>): void {
  describe(`the statement of ${name}`, () => {
    let on: NewsUnderTest
    beforeAll(async () => {
      on = await start()
    })
    afterEach(() => on.calm())
    afterAll(() => on?.stop())

    async function linesOf(date: string): Promise<StatementLine[]> {
      const fetched = await on.channel.statements!.fetchStatement(date)
      if (fetched.kind === 'refused') throw new Error(`${fetched.code}: ${fetched.detail}`)
      const lines: StatementLine[] = []
      for await (const batch of fetched.batches()) lines.push(...batch)
      expect(fetched.manifest).toMatchObject({ date, lines: lines.length })
      return lines
    }

    it('has a line for each payment and each refund of its day, under our numbers, each with its own leg for leg', async () => {
      const { order, refund, paid, refunded } = await refundedOrder(on)
      await on.channel.close(await orderOf(on.channel, somebody()))
      const date = await on.cut()
      const { payableFen, discountFen, merchantReceivesFen } = order.figures
      const { payerFen, glFen, merchantFen } = refund.shares
      const common = { orderNo: order.orderNo, merchantAccount: order.accounts.merchant }
      expect(await linesOf(date)).toMatchObject([
        {
          ...common,
          kind: 'clearing',
          refundNo: null,
          ...{ payerFen: -payableFen, glFen: 0 - discountFen, merchantFen: merchantReceivesFen },
          channelTradeNo: (paid as { channelTradeNo: string }).channelTradeNo,
        },
        {
          ...common,
          kind: 'refund',
          refundNo: refund.refundNo,
          ...{ payerFen, glFen, merchantFen: 0 - merchantFen },
          channelTradeNo: (refunded as { channelTradeNo: string }).channelTradeNo,
        },
      ])
    })

    it('of a day without a payment is empty, and no fault', async () => {
      expect(await linesOf(await on.cut())).toEqual([])
    })

    it('of a day that is not over is not ready', async () => {
      const fetched = await on.channel.statements!.fetchStatement('2099-01-01')
      expect(fetched).toMatchObject({ kind: 'refused', code: 'statement-not-ready' })
    })
  })
}

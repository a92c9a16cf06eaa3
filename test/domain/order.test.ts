import fc from 'fast-check'
import { channelNo, ourNo, type Seen } from '../../server/domain/channel'
import {
  actBy,
  type Decision,
  dateOfOrderNo,
  decide,
  newOrderNo,
  type Order,
  type OrderState,
  type Outcome,
  openAction,
} from '../../server/domain/order'
import { balanced, postingsOf } from '../../server/domain/posting'
import { figures } from '../../server/domain/quote'

function order(state: OrderState): Order {
  return {
    orderNo: 'F20261121-7K3M-92QX-4T8B',
    branchCode: 'B01',
    quoteNonce: 'nonce',
    payerId: 'payer-1',
    payerRef: 'agreement-1',
    merchantCode: 'M0001',
    channel: 'bank',
    businessDate: '2026-11-21',
    figures: figures(10_000, 1_000, 50),
    card: { campaignId: 'food-street', businessDate: '2026-11-21', slot: 3 },
    reason: null,
    accounts: { payer: 'payer-account', merchant: 'merchant-account', gl: 'branch-gl' },
    state,
    createdAt: 0,
    payBy: null,
    action: null,
    endedAt: state === 'paying' ? null : 1,
    channelTradeNo: state === 'paid' ? 'T1' : null,
    verification: null,
    closeReason: state === 'closed' ? 'insufficient-funds' : null,
  }
}

const SEEN: Seen = { amountFen: 9_500, currency: 'CNY', payee: 'merchant-account' }
const succeeded: Outcome = { kind: 'succeeded', channelTradeNo: 'T1' }
const otherTrade: Outcome = { kind: 'succeeded', channelTradeNo: 'T2' }
const declined: Outcome = { kind: 'declined', code: 'insufficient-funds' }
const pending: Outcome = { kind: 'pending' }
const unknown: Outcome = { kind: 'unknown', code: 'timeout' }

const paid: Decision = { kind: 'end', state: 'paid', channelTradeNo: 'T1', postings: postingsOf(order('paying')) }
const paidAsOther: Decision = { ...paid, channelTradeNo: 'T2' }
const closed: Decision = { kind: 'end', state: 'closed', closeReason: 'insufficient-funds' }
const hold: Decision = { kind: 'hold' }
const nothing: Decision = { kind: 'nothing' }

describe('deciding how an order ends (I5)', () => {
  it.each<[OrderState, Outcome, Decision]>([
    ['paying', succeeded, paid],
    ['paying', otherTrade, paidAsOther],
    ['paying', declined, closed],
    ['paying', pending, hold],
    ['paying', unknown, hold],
    ['paid', succeeded, nothing],
    ['paid', otherTrade, { kind: 'conflict', code: 'other-trade-no' }],
    ['paid', declined, { kind: 'conflict', code: 'decline-after-paid' }],
    ['paid', pending, nothing],
    ['paid', unknown, nothing],
    ['closed', succeeded, { kind: 'conflict', code: 'success-after-close' }],
    ['closed', otherTrade, { kind: 'conflict', code: 'success-after-close' }],
    ['closed', declined, nothing],
    ['closed', pending, nothing],
    ['closed', unknown, nothing],
  ])('a %s order that hears %j', (state, outcome, decision) => {
    expect(decide(order(state), outcome, SEEN)).toEqual(decision)
  })

  it.each<[string, Partial<Seen>]>([
    ['other-amount', { amountFen: 9_499 }],
    ['other-amount', { amountFen: 10_000 }],
    ['other-currency', { currency: 'USD' }],
    ['other-payee', { payee: 'another-merchant' }],
  ])('ends on no news that is of %s: %j', (code, other) => {
    const seen = { ...SEEN, ...other }
    for (const outcome of [succeeded, declined])
      expect(decide(order('paying'), outcome, seen)).toEqual({ kind: 'conflict', code })
  })

  it('takes no success that does not say of what, and a decline that names nothing', () => {
    expect(decide(order('paying'), succeeded)).toEqual({ kind: 'conflict', code: 'unnamed' })
    expect(decide(order('paying'), declined)).toEqual(closed)
  })

  it('leaves the order as it was given', () => {
    for (const state of ['paying', 'paid', 'closed'] as const)
      for (const outcome of [succeeded, declined, pending, unknown]) {
        const given = order(state)
        decide(given, outcome, SEEN)
        expect(given).toEqual(order(state))
      }
  })

  it('ends an order once, whatever news comes in whatever order, and never on news that is not definite', () => {
    const news = fc.array(fc.constantFrom(succeeded, otherTrade, declined, pending, unknown), { maxLength: 12 })
    fc.assert(
      fc.property(news, (outcomes) => {
        let now = order('paying')
        let endings = 0
        for (const outcome of outcomes) {
          const decision = decide(now, outcome, SEEN)
          if (decision.kind !== 'end') continue
          endings++
          expect(['succeeded', 'declined']).toContain(outcome.kind)
          if (decision.state === 'paid') {
            expect(balanced(decision.postings)).toBe(true)
            now = { ...now, state: 'paid', channelTradeNo: decision.channelTradeNo }
          } else now = { ...now, state: 'closed', closeReason: decision.closeReason }
        }
        const definite = outcomes.some((outcome) => outcome.kind === 'succeeded' || outcome.kind === 'declined')
        expect(endings).toBe(definite ? 1 : 0)
      }),
    )
  })

  it('throws on an outcome or a state nobody named', () => {
    expect(() => decide(order('paying'), { kind: 'maybe' } as unknown as Outcome)).toThrow('unhandled')
    for (const outcome of [succeeded, declined])
      expect(() => decide(order('lost' as OrderState), outcome)).toThrow('unhandled')
  })
})

describe('what the payer must do', () => {
  const action = { kind: 'redirect' as const, params: { url: 'https://wallet.example' }, expiresAt: 1_000 }

  it('is open until it ends, and never once the order has ended', () => {
    const waiting = { ...order('paying'), action }
    expect(openAction(waiting, 999)).toEqual(action)
    expect(openAction(waiting, 1_000)).toBeNull()
    for (const state of ['paid', 'closed'] as const) expect(openAction({ ...order(state), action }, 0)).toBeNull()
  })

  it('is waited for until the order’s own end, or its own where the order has none', () => {
    expect(actBy({ payBy: 5, action })).toBe(5)
    expect(actBy({ payBy: null, action })).toBe(1_000)
    expect(actBy({ payBy: null, action: null })).toBeNull()
  })
})

it('the number at a channel is ours without its dashes, and leads back to ours alone', () => {
  for (const no of ['F20261121-7K3M-92QX-4T8B', 'R20261122-5D0W-K8PA-22FJ']) {
    expect(channelNo(no)).toMatch(/^[A-Z0-9]{21}$/)
    expect(ourNo(channelNo(no))).toBe(no)
  }
  for (const other of ['', 'F2026', 'X202611217K3M92QX4T8B', 'F202611217K3M92QX4T8B0', 'F20261121-7K3M-92QX-4T8B'])
    expect(ourNo(other)).toBeUndefined()
})

describe('a new order number', () => {
  const random = fc.uint8Array({ minLength: 12, maxLength: 12 })

  it('carries its business date and twelve symbols nobody mishears', () => {
    fc.assert(
      fc.property(random, (bytes) => {
        expect(newOrderNo('2026-11-21', bytes)).toMatch(/^F20261121(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
      }),
    )
  })

  it('tells its date, and what is no number of ours tells none', () => {
    fc.assert(
      fc.property(random, (bytes) => void expect(dateOfOrderNo(newOrderNo('2026-11-21', bytes))).toBe('2026-11-21')),
    )
    const none = [
      '',
      'F20261121',
      'F20261321-7K3M-92QX-4T8B',
      'F20261121-7K3M-92QX-4T8U',
      'R20261121-7K3M-92QX-4T8B',
      '20261121-7K3M-92QX-4T8B',
      'F20261121-7K3M-92QX-4T8B ',
      'F20261121-7K3M-92QX-4T8B-0000',
    ]
    expect(none.map(dateOfOrderNo)).toEqual(none.map(() => undefined))
  })

  it('uses five bits of each byte, every symbol equally often', () => {
    const symbols = Array.from(
      { length: 256 },
      (_, byte) => newOrderNo('2026-11-21', new Uint8Array(12).fill(byte))[10],
    )
    const kinds = new Set(symbols)
    expect(kinds.size).toBe(32)
    for (const kind of kinds) expect(symbols.filter((symbol) => symbol === kind)).toHaveLength(8)
  })

  it('differs when any of its bits differs', () => {
    fc.assert(
      fc.property(random, fc.nat(11), fc.nat(4), (bytes, at, bit) => {
        const other = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ (1 << bit) : byte))
        expect(newOrderNo('2026-11-21', other)).not.toBe(newOrderNo('2026-11-21', bytes))
      }),
    )
  })
})

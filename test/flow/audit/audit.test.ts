import { NO_TOTALS } from '../../../server/domain/match'
import { newRefundNo, type Refund, type RefundShares, refundShares } from '../../../server/domain/refund'
import { audit } from '../../../server/flow/audit/audit'
import { refundShareFaults } from '../../../server/flow/audit/refunds'
import type { AuditedOrder, AuditedRefund, AuditView, DaySeal, StatementSource } from '../../../server/flow/ports'
import { NOON, newOrder } from '../../store/sql/payment/ledger-orders'

/** ¥100.00 with a card of ¥10.00: the payer paid 95.00, of which 10 in 95 goes back to the branch. */
const ORDER = { ...newOrder({ card: { campaignId: 'c', slot: 0 } }), state: 'paid' as const }

interface Wanted {
  payerFen: number
  /** shares that were counted when it opened */
  after: RefundShares[]
  state?: Refund['state']
  /** when it opened and failed, and in which place of all events */
  opened: [eventId: number, at: number]
  failed?: [eventId: number, at: number]
}

function refundOf({ payerFen, after, state = 'refunded', opened, failed }: Wanted): AuditedRefund {
  const before = after.reduce(
    (a, b) => ({
      payerFen: a.payerFen + b.payerFen,
      merchantFen: a.merchantFen + b.merchantFen,
      glFen: a.glFen + b.glFen,
    }),
    { payerFen: 0, merchantFen: 0, glFen: 0 },
  )
  const refund = {
    refundNo: newRefundNo('2026-11-21', Buffer.alloc(12, opened[0])),
    shares: refundShares(ORDER.figures, before, payerFen),
    state,
  } as Refund
  const event = { outcome: null, conflict: null }
  return {
    refund,
    corrects: false,
    inputHash: '',
    events: [
      { ...event, eventId: opened[0], kind: 'opened', at: opened[1] },
      ...(failed ? [{ ...event, eventId: failed[0], kind: 'failed' as const, at: failed[1] }] : []),
    ],
  }
}

const faultsOf = (...refunds: AuditedRefund[]) =>
  refundShareFaults({ order: ORDER, refunds } as unknown as AuditedOrder).map((fault) => fault.code)

describe('the shares of refunds, opened again in their order', () => {
  const first = refundOf({ payerFen: 45, after: [], opened: [1, NOON] })

  it('follow from those before them, in whatever order they are listed', () => {
    const second = refundOf({ payerFen: 45, after: [first.refund.shares], opened: [2, NOON] })
    expect(second.refund.shares).not.toEqual(first.refund.shares)
    expect(faultsOf(second, first)).toEqual([])
    expect(faultsOf(first, refundOf({ payerFen: 45, after: [], opened: [2, NOON] }))).toEqual(['refund-shares-wrong'])
  })

  it('count one that failed later, and not one that had failed long before', () => {
    const failing = (at: [number, number]) => ({
      ...refundOf({ payerFen: 45, after: [], state: 'failed', opened: [1, NOON], failed: at }),
    })
    const [counted, uncounted] = [failing([9, NOON + 60_000]), failing([2, NOON + 100])]
    const faults = (other: AuditedRefund, shares: RefundShares[]) =>
      faultsOf(other, refundOf({ payerFen: 45, after: shares, opened: [5, NOON + 50_000] }))
    expect(faults(counted, [counted.refund.shares])).toEqual([])
    expect(faults(counted, [])).toEqual(['refund-shares-wrong'])
    expect(faults(uncounted, [])).toEqual([])
    expect(faults(uncounted, [uncounted.refund.shares])).toEqual(['refund-shares-wrong'])
  })

  it('may count or not count one whose failure came in at that moment', () => {
    const failed = refundOf({ payerFen: 45, after: [], state: 'failed', opened: [1, NOON], failed: [2, NOON + 5_000] })
    for (const after of [[], [failed.refund.shares]])
      expect(faultsOf(failed, refundOf({ payerFen: 45, after, opened: [3, NOON + 5_010] }))).toEqual([])
    const third = refundOf({
      payerFen: 45,
      after: [failed.refund.shares, failed.refund.shares],
      opened: [3, NOON + 5_010],
    })
    expect(faultsOf(failed, third)).toEqual(['refund-shares-wrong'])
  })

  it('may not come to more than was paid, whatever the pro rata says', () => {
    const rest = refundOf({ payerFen: 9_455, after: [first.refund.shares], opened: [2, NOON] })
    expect(faultsOf(first, rest)).toEqual([])
    expect(faultsOf(first, rest, refundOf({ payerFen: 1, after: [], opened: [3, NOON] }))).toEqual([
      'refunded-above-paid',
    ])
  })
})

const NOTHING = {
  campaigns: 0,
  decks: 0,
  orders: 0,
  refunds: 0,
  merchantDays: 0,
  corrections: 0,
  actions: 0,
  links: 0,
  statements: 0,
}

/** Books in which nothing is, but what a test puts in. */
function booksWith(changed: Partial<AuditView>) {
  const none = async function* () {}
  const view: AuditView = {
    archivedDays: async () => [],
    size: async () => NOTHING,
    campaigns: none,
    decks: none,
    orders: none,
    merchantDays: none,
    corrections: none,
    deedChain: async () => ({ actions: 0, breaks: [], endMac: '' }),
    booksChain: async () => ({ links: 0, breaks: [], seals: [] }),
    crossCheck: none,
    pending: async () => [],
    statements: async () => [],
    statementLines: async () => [],
    ...changed,
  }
  return {
    books: { look: <T>(inspect: (view: AuditView) => Promise<T>) => inspect(view) },
    campaignSecret: () => Buffer.alloc(32),
  }
}

describe('the report of an audit', () => {
  const broke = { budgetFen: 0, committedFen: 1, exposuresFen: 1, branches: [] }
  const campaigns = async function* () {
    for (let batch = 0; batch < 4; batch++)
      yield Array.from({ length: 100 }, (_, nth) => ({ ...broke, campaignId: `c-${batch}-${nth}` }))
  }

  it('counts every violation and keeps the first of each code', async () => {
    const { violations } = await audit(booksWith({ campaigns }))
    expect(violations).toMatchObject([{ code: 'over-budget', invariant: 'I7', count: 400 }])
    expect(violations[0]!.faults).toHaveLength(50)
    expect(violations[0]!.faults[0]).toEqual({ code: 'over-budget', subject: 'campaign c-0-0', detail: '1 of 0' })
  })

  it('goes by the order of the invariants, not of the finding', async () => {
    const crossCheck: AuditView['crossCheck'] = async function* (code) {
      if (code === 'slot-used-twice') yield [{ subject: 'deck', detail: 'slot 1' }]
    }
    const { violations } = await audit(booksWith({ campaigns, crossCheck }))
    expect(violations.map((one) => one.invariant)).toEqual(['I1', 'I7'])
  })

  it('fetches each channel’s statements from that channel, and says which could not be had', async () => {
    const source = (sha256: string): StatementSource => ({
      reconcileFromMs: null,
      cutBeforeMs: 0,
      fetchStatement: async (date) => ({
        kind: 'fetched',
        manifest: { date, sha256, bytes: 0, lines: 0, totals: NO_TOTALS },
        file: '',
        async *batches() {},
      }),
    })
    const statements = async () =>
      (['alipay', 'bank', 'unionpay', 'wechatpay'] as const).map((channel) => ({
        channel,
        date: '2026-11-21',
        sha256: 'as kept',
        lines: 0,
      }))
    const { violations, unfetched } = await audit({
      ...booksWith({ statements }),
      sources: {
        statements: new Map([
          ['bank', source('as kept')],
          ['alipay', source('another')],
          ['wechatpay', source('as kept')],
        ]),
      },
    })
    expect(violations.flatMap(({ faults }) => faults.map(({ subject }) => subject))).toEqual([
      'statement alipay/2026-11-21',
    ])
    expect(unfetched).toMatchObject([{ channel: 'unionpay', date: '2026-11-21' }])
  })

  it('holds the chain against each day that was given out', async () => {
    const seal = { date: '2026-11-21', link: 7, at: 1, mac: 'm' }
    const booksChain = async () => ({ links: 7, breaks: [], seals: [seal] })
    const codes = async (given: DaySeal[]) =>
      (await audit({ ...booksWith({ booksChain }), given })).violations.map(({ code, count }) => `${code} ${count}`)
    expect(await codes([seal])).toEqual([])
    expect(await codes([])).toEqual([])
    expect(await codes([{ ...seal, mac: 'x' }])).toEqual(['seal-differs 1'])
    expect(await codes([seal, { ...seal, date: '2026-11-22' }])).toEqual(['seal-differs 1'])
  })

  it('tells how far it is, step by step', async () => {
    const seen: string[] = []
    const size = async () => ({ ...NOTHING, campaigns: 400 })
    await audit({
      ...booksWith({ campaigns, size }),
      onProgress: ({ step, done, total }) => step === 'campaigns' && seen.push(`${done}/${total}`),
    })
    expect(seen).toEqual(['0/400', '100/400', '200/400', '300/400', '400/400'])
  })
})

import { type BankAdmin, bankAdmin } from '../../../harness/bank'
import { eventually } from '../../../harness/system'
import type { OrderView } from '../../../server/http/contract'
import { startToyHouse, type ToyHouse } from '../../support/toy-house'

/** A wallet that is slow, away or wrong is its own payers' trouble: the bank's pay, end and are refunded as on any day. */

const SLOW_MS = 60_000

describe('while a wallet', () => {
  let house: ToyHouse
  let bank: BankAdmin
  beforeAll(async () => {
    house = await startToyHouse({ timeoutMs: 3_000 })
    bank = bankAdmin(house.bank.url, house.bank.adminToken)
  })
  afterAll(() => house?.stop())
  afterEach(async () => {
    await bank.clearFaults()
    await house.calm()
    // Once it works again its payers pay, after a trial: each case begins with the breaker closed.
    await eventually(async () => ((await house.opened(1_000)).action ? true : undefined))
  })

  const MISDEEDS = [
    ['hangs', { mode: 'slow', delayMs: SLOW_MS }],
    ['answers nonsense', { mode: 'garbage' }],
  ] as const

  it.each(MISDEEDS)(
    '%s, payments at the bank end at once, and its own are said to be away',
    async (_, fault) => {
      await house.wallet.admin.faults({ fault })
      const theirs = await Promise.all(Array.from({ length: 6 }, () => house.opened(1_000)))
      // Nothing is said of them that isn't known.
      for (const { state } of theirs.filter((one) => one.orderNo)) expect(state).toBe('paying')
      expect(((await house.opened(1_000)) as OrderView & { code?: string }).code).toBe('channel-unavailable')
      const ours = await Promise.all(Array.from({ length: 4 }, () => house.opened(900, 'bank')))
      expect(ours.map((order) => order.state)).toEqual(['paid', 'paid', 'paid', 'paid'])
    },
    300_000,
  )

  it('hangs, 200 payers on it hold no more than its places; who finds none keeps quote and key, and nobody else notices', async () => {
    await house.wallet.admin.faults({ fault: { mode: 'slow', delayMs: SLOW_MS } })
    await bank.faults({ mode: 'lose-reply', on: ['pay'], times: 1 })
    const quotes = await Promise.all(Array.from({ length: 200 }, () => house.quoted(100)))
    const lost = await house.opened(900, 'bank')
    const pays = quotes.map((quoteId, n) => () => house.payQuote(quoteId, `crowded-key-${n}-0000000000`))
    // Where the whole machine is busy a payer may wait in vain for a connection to the ledger: nothing of the wallet's, and nothing was opened.
    const come = (pay: (typeof pays)[number]) =>
      eventually(async () => {
        const answer = await pay()
        return answer.body.code === 'ledger-unavailable' ? undefined : answer
      })
    const theirs = Promise.all(pays.map(come))
    const ours = await Promise.all(Array.from({ length: 20 }, () => house.opened(900, 'bank')))
    expect(new Set(ours.map(({ state }) => state))).toEqual(new Set(['paid']))
    expect(await house.ended(lost)).toMatchObject({ state: 'paid' })
    const answers = await theirs
    const refused = answers.filter(({ status }) => status >= 400)
    const codes = refused.map(({ body }) => body.code)
    expect(codes).toContain('channel-busy')
    expect(codes.filter((code) => code !== 'channel-busy' && code !== 'channel-unavailable')).toEqual([])
    for (const { status, headers } of refused)
      expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true])
    await house.calm()
    // What was refused has used up nothing.
    const again = answers.findIndex(({ body }) => body.code === 'channel-busy')
    await eventually(async () => {
      const { body } = await pays[again]!()
      return body.state === 'paying' ? true : undefined
    })
  })

  it('hangs, an unknown order of the bank’s and a refund are asked about and ended', async () => {
    await house.wallet.admin.faults({ fault: { mode: 'slow', delayMs: SLOW_MS } })
    await Promise.all(Array.from({ length: 6 }, () => house.opened(1_000)))
    await bank.faults({ mode: 'lose-reply', on: ['pay', 'refund'] })
    const order = await house.opened(900, 'bank')
    expect(order.state).toBe('paying')
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
    const token = await house.owner('M0001')
    const refund = await house.call<{ state: string; refundNo: string }>(
      'POST',
      `/api/merchant/orders/${order.orderNo}/refunds`,
      { token, headers: { 'Idempotency-Key': 'one-wallet-down-0001' }, body: { amountFen: 100 } },
    )
    expect(refund.body.state).toBe('refunding')
    await eventually(async () => {
      const { body } = await house.call<{ items: { state: string }[] }>(
        'GET',
        `/api/merchant/orders/${order.orderNo}/refunds`,
        { token },
      )
      return body.items[0]?.state === 'refunded' ? true : undefined
    })
  })
})

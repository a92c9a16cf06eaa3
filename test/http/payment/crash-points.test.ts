import { eventually, startTestSystem, type TestSystem } from '../../../harness/system'
import { CRASH_POINTS, type CrashPoint } from '../../../server/flow/payment/crash-point'
import type { FaultInput } from '../../../server/sandbox/bank/faults'

/**
 * A real BFF kills itself at each point between two steps of a payment, is started again, and finishes the work through the
 * same code: the order ends once, the books agree, and no slot is lost.
 */

interface Case {
  at: CrashPoint
  /** what befalls the pay at the bank */
  fault?: FaultInput
  ending: 'paid' | 'closed'
  closeReason?: string
}
const DECLINE: FaultInput = { mode: 'decline', code: 'insufficient-funds', on: ['pay'], times: 1 }

const CASES: Case[] = [
  { at: 'before-open', ending: 'paid' },
  { at: 'after-open', ending: 'closed', closeReason: 'order-closed' },
  { at: 'after-confirm', ending: 'closed', closeReason: 'order-closed' },
  { at: 'after-send', ending: 'paid' },
  { at: 'after-send', fault: DECLINE, ending: 'closed', closeReason: 'insufficient-funds' },
  { at: 'after-note', fault: { mode: 'lose-reply', on: ['pay'], times: 1 }, ending: 'paid' },
  { at: 'after-end', ending: 'paid' },
  { at: 'after-end', fault: DECLINE, ending: 'closed', closeReason: 'insufficient-funds' },
  { at: 'after-release', ending: 'paid' },
  { at: 'after-release', fault: DECLINE, ending: 'closed', closeReason: 'insufficient-funds' },
]

describe('a BFF that dies', () => {
  let system: TestSystem
  beforeAll(async () => {
    // An order the bank has never seen is closed there after twice the deadline.
    system = await startTestSystem({ BANK_TIMEOUT_MS: '3000' })
  })
  afterAll(() => system.stop())

  /** how many slots of closed orders are still to be given back */
  const toReturn = async () => {
    const { body } = await system.call('GET', '/metrics')
    return Number(/^fapai_slots_to_return (\S+)$/m.exec(body as string)?.[1])
  }

  it('does so at every point there is', () => {
    expect([...new Set(CASES.map((one) => one.at))]).toEqual([...CRASH_POINTS])
  })

  it.each(CASES)(
    '$at, at an order that becomes $ending, finishes it when it is started again',
    async (one) => {
      const { at, fault, ending, closeReason = null } = one
      const nth = CASES.indexOf(one) + 1
      const merchantCode = `M${String(nth).padStart(4, '0')}`
      await system.killBff()
      await system.startBff({ CRASH_AT: at })
      const payer = await system.payer(`payer-${nth}`)
      const { quoteId, ...quote } = (await payer.quote(10_000, merchantCode)).body
      expect(quote.discountFen).toBeGreaterThan(0)
      if (fault) await system.bank.faults(fault)
      const key = `crash-${nth}-${at}`
      const lost = payer.pay(quoteId, key).then(
        () => 'answered',
        () => 'lost',
      )
      await system.bff().ended
      expect(system.bff().process.signalCode).toBe('SIGKILL')
      expect(await lost).toBe('lost')
      await system.bank.clearFaults()
      await system.startBff()

      // The payer's page tries again with the same key, as often as it likes: one order.
      const again = await payer.pay(quoteId, key)
      expect(again.status).toBe(200)
      const order = await payer.ended(again.body.orderNo)
      const { discountFen, payableFen } = quote
      expect(order).toMatchObject({ state: ending, closeReason, discountFen, payableFen, slotNumber: 1 })
      expect((await payer.pay(quoteId, key)).body).toEqual(order)

      const clearings = (await system.bank.clearings()).filter((clearing) => clearing.orderNo === order.orderNo)
      expect(clearings.map((clearing) => clearing.state)).toEqual([ending === 'paid' ? 'succeeded' : 'declined'])
      const merchant = await system.merchant(merchantCode)
      const books = {
        orderCount: ending === 'paid' ? 1 : 0,
        receivedFen: await system.bank.balance(`acct-${merchantCode}`),
        slots: { total: 20, used: ending === 'paid' ? 1 : 0 },
      }
      expect(await merchant.summary()).toMatchObject(books)
      expect(books.receivedFen).toBe(ending === 'paid' ? quote.merchantReceivesFen : 0)

      // In Redis too the slot is used, or is its payer's again.
      await eventually(async () => ((await toReturn()) === 0 ? true : undefined))
      const next = (await payer.quote(10_000, merchantCode)).body
      const paid = (await payer.pay(next.quoteId)).body
      expect(paid).toMatchObject({ state: 'paid', slotNumber: ending === 'paid' ? 2 : 1 })
    },
    300_000,
  )
})

import { eventually, type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
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

/** Where whoever finishes an order that hasn't ended may come by. */
const FINISHING: readonly CrashPoint[] = ['after-note', 'after-end', 'after-release']

/** Where the next one dies, if the BFF that finishes this one doesn't come by there: it can be told at once, and needs no other start. */
function nextAfter(one: Case): CrashPoint | undefined {
  const next = CASES[CASES.indexOf(one) + 1]?.at
  if (!next || one.at === 'before-open') return undefined
  const hasEnded = one.at === 'after-end' || one.at === 'after-release'
  return hasEnded || !FINISHING.includes(next) ? next : undefined
}

const merchantOf = (one: Case) => `M${String(CASES.indexOf(one) + 1).padStart(4, '0')}`

describe('a BFF that dies', () => {
  let system: TestSystem
  /** where the one that runs will die */
  let told: CrashPoint | undefined = CASES[0]!.at
  const payers = new Map<Case, Payer>()
  beforeAll(async () => {
    // An order the bank has never seen is closed there after twice the deadline.
    system = await startTestSystem({ BANK_TIMEOUT_MS: '3000', CRASH_AT: told })
  })
  afterAll(() => system.stop())

  async function start(at: CrashPoint | undefined): Promise<void> {
    told = at
    await system.startBff({ CRASH_AT: at })
  }

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
      const merchantCode = merchantOf(one)
      if (told !== at) {
        await system.killBff()
        await start(at)
      }
      const payer = await system.payer(`payer-${merchantCode}`)
      payers.set(one, payer)
      const { quoteId, ...quote } = (await payer.quote(10_000, merchantCode)).body
      expect(quote.discountFen).toBeGreaterThan(0)
      if (fault) await system.bank.faults(fault)
      const key = `crash-${merchantCode}-${at}`
      const lost = payer.pay(quoteId, key).then(
        () => 'answered',
        () => 'lost',
      )
      await system.bff().ended
      expect(system.bff().process.signalCode).toBe('SIGKILL')
      expect(await lost).toBe('lost')
      await system.bank.clearFaults()
      await start(nextAfter(one))

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
    },
    300_000,
  )

  it('has in Redis too that each slot is used, or its payer’s again', async () => {
    await eventually(async () => ((await toReturn()) === 0 ? true : undefined))
    for (const [one, payer] of payers) {
      const next = (await payer.quote(10_000, merchantOf(one))).body
      const paid = (await payer.pay(next.quoteId)).body
      expect([one, paid]).toMatchObject([one, { state: 'paid', slotNumber: one.ending === 'paid' ? 2 : 1 }])
    }
    expect(payers.size).toBe(CASES.length)
  })
})

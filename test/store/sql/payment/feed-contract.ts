import type { Feed, FeedEvent, Ledger } from '../../../../server/flow/ports'
import { closed, opened, paid, SUCCEEDED, unique } from './ledger-orders'

export interface FeedUnderTest {
  ledger: Ledger
  /** a feed that polls so rarely that only nudges and subscriptions make it look */
  feed: Feed
  close(): Promise<void>
}

/** What every implementation of {@link Feed} does, whatever it is made of. */
export function feedContract(name: string, open: () => Promise<FeedUnderTest>): void {
  describe(`the feed on ${name}`, () => {
    let on: FeedUnderTest
    const leave: (() => void)[] = []
    beforeAll(async () => {
      on = await open()
    })
    afterEach(() => {
      for (const unsubscribe of leave.splice(0)) unsubscribe()
    })
    afterAll(() => on?.close())

    const listen = async (merchantCode: string, after?: string) => {
      const heard: FeedEvent[] = []
      const unsubscribe = await on.feed.subscribe(merchantCode, after, (event) => heard.push(event))
      leave.push(unsubscribe)
      return { heard, unsubscribe, numbers: () => heard.map((event) => event.orderNo) }
    }
    const pay = async (merchantCode: string) => {
      const order = await opened(on.ledger, { merchantCode })
      await on.ledger.endOrder(order, paid(order), SUCCEEDED)
      return order.orderNo
    }
    /** Returns once a merchant of its own has heard: everything committed before has been delivered to all by then. */
    const delivered = async () => {
      const merchantCode = unique('M')
      const { heard, unsubscribe } = await listen(merchantCode)
      await pay(merchantCode)
      await until(() => {
        on.feed.nudge()
        return heard.length > 0
      })
      unsubscribe()
    }

    it('tells of paid orders after a nudge, in order, each once', async () => {
      const merchantCode = unique('M')
      const { numbers } = await listen(merchantCode)
      const orders = [await pay(merchantCode), await pay(merchantCode), await pay(merchantCode)]
      on.feed.nudge()
      await until(() => numbers().length >= 3)
      await delivered()
      expect(numbers()).toEqual(orders)
    })

    it('says nothing of closed orders, of other merchants, or of what was paid before', async () => {
      const merchantCode = unique('M')
      await pay(merchantCode)
      const { numbers } = await listen(merchantCode)
      await on.ledger.endOrder(await opened(on.ledger, { merchantCode }), closed(), null)
      await pay(unique('M'))
      await delivered()
      expect(numbers()).toEqual([])
    })

    it('replays what came after a cursor, then goes on live', async () => {
      const merchantCode = unique('M')
      const first = await listen(merchantCode)
      const orders = [await pay(merchantCode), await pay(merchantCode)]
      on.feed.nudge()
      await until(() => first.heard.length === 2)
      first.unsubscribe()
      orders.push(await pay(merchantCode))
      const second = await listen(merchantCode, first.heard[0]!.cursor)
      await until(() => second.heard.length >= 2)
      orders.push(await pay(merchantCode))
      await delivered()
      expect(second.numbers()).toEqual(orders.slice(1))
      expect(second.heard[0]).toEqual(first.heard[1])
      expect(first.numbers()).toEqual(orders.slice(0, 2))
    })

    it('serves several readers of a merchant, each from where it is', async () => {
      const merchantCode = unique('M')
      const early = await listen(merchantCode)
      const orders = [await pay(merchantCode)]
      on.feed.nudge()
      await until(() => early.heard.length === 1)
      const late = await listen(merchantCode)
      const replayed = await listen(merchantCode, '1-0')
      orders.push(await pay(merchantCode))
      await delivered()
      expect(early.numbers()).toEqual(orders)
      expect(late.numbers()).toEqual(orders.slice(1))
      expect(replayed.numbers()).toEqual(orders)
    })

    it('takes a cursor that is none as "from now"', async () => {
      const merchantCode = unique('M')
      await pay(merchantCode)
      const cursors = ['', 'rubbish', '9999999999999999999-1', '1-', '-1-1']
      const readers = await Promise.all(cursors.map((cursor) => listen(merchantCode, cursor)))
      const orderNo = await pay(merchantCode)
      await delivered()
      for (const { numbers } of readers) expect(numbers()).toEqual([orderNo])
    })

    it('loses nothing and repeats nothing under 60 payments at once', async () => {
      const merchants = [unique('M'), unique('M'), unique('M')]
      const readers = await Promise.all(merchants.map((code) => listen(code)))
      const paidAt = merchants.map(() => [] as string[])
      await Promise.all(
        Array.from({ length: 60 }, async (_, nth) => {
          paidAt[nth % 3]!.push(await pay(merchants[nth % 3]!))
          on.feed.nudge()
        }),
      )
      await delivered()
      for (const [nth, reader] of readers.entries()) expect(reader.numbers().sort()).toEqual(paidAt[nth]!.sort())
    })
  })
}

const DEADLINE_MS = 60_000

/** Looks again every few ms until it is so. */
export async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + DEADLINE_MS; !(await so()); ) {
    if (Date.now() > deadline) throw new Error('it never came to be so')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

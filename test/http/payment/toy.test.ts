import { eventually } from '../../../harness/system'
import { actOnPage } from '../../../harness/toy-wallet/start'
import { channelNo } from '../../../server/domain/channel'
import { startToyHouse, type ToyHouse } from '../../support/toy-house'

/** A wallet's misdeeds, and what they come to through the BFF. */

describe('an order at the toy wallet', () => {
  let house: ToyHouse
  beforeAll(async () => {
    house = await startToyHouse()
  })
  afterEach(() => house.calm())
  afterAll(() => house?.stop())

  it('shows what is to be done, carries no discount, and is paid once the person has confirmed', async () => {
    const order = await house.opened()
    expect(order).toMatchObject({ state: 'paying', discountFen: 0, action: { kind: 'redirect' } })
    expect((await house.view(order)).action).toEqual(order.action)
    expect(await actOnPage(house.pageOf(order), 'confirm')).toBe('paid')
    expect(await house.ended(order)).toMatchObject({ state: 'paid', action: null })
  })

  it('of a person who walks away is closed at the wallet after its time, and nobody can pay it any more', async () => {
    const order = await house.opened()
    expect(await house.ended(order)).toMatchObject({ state: 'closed', action: null })
    const there = (await house.wallet.admin.payments()).find(({ number }) => number === channelNo(order.orderNo))
    expect(there?.state).toBe('closed')
    expect(await actOnPage(house.pageOf(order), 'confirm')).toBe('over')
  })

  it('of a person who confirms while the close is on its way is paid', async () => {
    await house.wallet.admin.faults({ fault: { mode: 'paid-meanwhile' }, limits: { on: ['query'] } })
    const order = await house.opened()
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
  })

  it('whose closes come to nothing stays open, and is asked about until one does not', async () => {
    await house.wallet.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['close'] } })
    const order = await house.opened()
    await eventually(async () => ((await house.wallet.admin.struck()) >= 1 ? true : undefined))
    expect((await house.view(order)).state).toBe('paying')
    await house.wallet.admin.faults()
    expect(await house.ended(order)).toMatchObject({ state: 'closed' })
  })

  it('is ended by no notice of another amount, payee or currency, and each is an alarm', async () => {
    // Nobody but the notices tells of it.
    await house.wallet.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['query', 'close'] } })
    const order = await house.opened()
    await actOnPage(house.pageOf(order), 'confirm')
    for (const [twist, code] of [
      ['wrong-amount', 'other-amount'],
      ['wrong-payee', 'other-payee'],
      ['wrong-currency', 'other-currency'],
    ] as const) {
      const before = await house.alarms(code)
      await house.tell(order.orderNo, twist)
      expect((await house.view(order)).state).toBe('paying')
      expect(await house.alarms(code)).toBe(before + 1)
    }
    expect(await house.tell(order.orderNo)).toMatchObject({ status: 200, answer: 'OK' })
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
    expect(await house.tell(order.orderNo)).toMatchObject({ status: 200, answer: 'OK' })
  })

  it('is ended by no probe, no flipped bit and no stale notice; each is refused, and the true one is acknowledged', async () => {
    const order = await house.opened()
    await actOnPage(house.pageOf(order), 'confirm')
    for (const twist of ['probe', 'flipped', 'stale'] as const)
      expect((await house.tell(order.orderNo, twist)).status).toBe(403)
    expect((await house.tell(order.orderNo, 'unknown-number')).status).toBe(404)
    expect((await house.tell(order.orderNo)).status).toBe(200)
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
  })

  it('whose reply is lost or a 500 after all was done is found by a question, with what is to be done', async () => {
    for (const fault of [{ mode: 'lose-reply' } as const, { mode: 'error-after', status: 500 } as const]) {
      await house.wallet.admin.faults({ fault, limits: { on: ['prepare'], times: 1 } })
      const order = await house.opened()
      expect(order).toMatchObject({ state: 'paying', action: null })
      const found = await eventually(async () => {
        const now = await house.view(order)
        return now.action || now.state !== 'paying' ? now : undefined
      })
      if (found.action) await actOnPage(found.action.params.url!, 'confirm')
      expect((await house.ended(order)).state).toBe(found.action ? 'paid' : 'closed')
    }
  })
})

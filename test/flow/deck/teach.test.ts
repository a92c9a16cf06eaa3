import { LedgerUnavailable } from '../../../server/flow/ports'
import { LIMITS, startFlow } from '../../support/flow'

describe('a slot store', () => {
  it('that is as it was some orders ago hears of them before it hands out a card', async () => {
    const flow = startFlow()
    await flow.order(await flow.quote('p1'))
    const back = flow.slots.snapshot()
    for (const payer of ['p2', 'p3']) await flow.order(await flow.quote(payer))
    back()
    const one = await flow.quote('p4')
    expect(one.card?.slot).toBe(3)
    expect(await flow.order(one)).toMatchObject({ state: 'paid' })
    expect(flow.alarms).toEqual([])
  })

  it('counts nothing of what it hears as held unpaid: who has paid may have another card at once', async () => {
    const flow = startFlow()
    await flow.quote('p0')
    const back = flow.slots.snapshot()
    for (const payer of ['p1', 'p2']) await flow.order(await flow.quote(payer))
    back()
    expect((await flow.quote('p3')).card?.slot).toBe(3)
    const terms = { leaseTtlMs: 60_000, maxPerPayer: null, maxPerCampaign: null, holdingMs: null, holdingInAllMs: null }
    expect(await flow.slots.take(flow.deck(), 'p1', { ...terms, maxHeld: 1 })).toMatchObject({ kind: 'taken' })
  })

  it('while the ledger is away nobody can know what it forgot: no card is handed out, and one is again afterwards', async () => {
    const flow = startFlow()
    const { usedSlots } = flow.ledger
    await flow.quote('p0')
    const back = flow.slots.snapshot()
    await flow.order(await flow.quote('p1'))
    back()
    flow.ledger.usedSlots = () => Promise.reject(new LedgerUnavailable('away'))
    expect(await flow.quote('p2')).toMatchObject({ reason: 'discount-unavailable' })
    flow.ledger.usedSlots = usedSlots
    expect((await flow.quote('p2')).card?.slot).toBe(2)
  })

  it('that lost what it was told on the same connection costs one refusal, and hears of the whole deck', async () => {
    const flow = startFlow()
    const { confirm } = flow.slots
    flow.slots.confirm = async () => 'confirmed'
    for (const payer of ['p1', 'p2', 'p3']) await flow.order(await flow.quote(payer))
    flow.slots.confirm = confirm
    flow.pass(LIMITS.leaseTtlMs)
    expect(await flow.pay(await flow.quote('p4'))).toEqual({ kind: 'refused', code: 'slot-taken' })
    expect(await flow.slots.count(flow.deck())).toMatchObject({ used: 3 })
    expect((await flow.order(await flow.quote('p4'))).card?.slot).toBe(3)
  })
})

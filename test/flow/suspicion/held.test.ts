import { type Held, heldKey, NOTHING_HELD } from '../../../server/domain/held'
import { merchantDay, shopfront } from '../../../server/flow/merchant/show'
import { cachedCatalog } from '../../../server/store/catalog-cache'
import { startFlow } from '../../support/flow'

const UNTIL = '2026-12-31'

/** A flow in which two people hold something back. */
function holding(held: Partial<Held>) {
  const flow = startFlow()
  flow.ledger.held = async () => ({ ...NOTHING_HELD, ...held })
  return flow
}
const merchant = { merchants: new Map([[heldKey('street', 'M0001'), UNTIL]]) }

describe('a discount that is held back', () => {
  it('at a merchant isn’t given to anybody there, and takes no card; the payment goes on', async () => {
    const flow = holding(merchant)
    const quote = await flow.quote('p1', 10_000)
    expect(quote).toMatchObject({ reason: 'not-eligible', card: null, figures: { payableFen: 10_000 } })
    expect(await flow.pay(quote)).toMatchObject({ kind: 'order', order: { state: 'paid' } })
    flow.ledger.held = async () => NOTHING_HELD
    expect((await flow.quote('p2', 10_000)).card).toMatchObject({ slot: 0 })
  })

  it('is said alike by the merchant’s own page and the payer’s, and until when', async () => {
    const flow = holding(merchant)
    expect((await shopfront(flow.deps, 'M0001'))!.offer).toMatchObject({ remaining: 0, reason: 'not-eligible' })
    const day = await merchantDay(flow.deps, 'M0001')
    expect(day).toMatchObject({ heldUntil: UNTIL, today: { reason: 'not-eligible' } })
    expect(await merchantDay(flow.deps, 'M0001', '2026-11-20')).toMatchObject({ heldUntil: null })
  })

  it('from one payer isn’t held back from another, and nothing of it shows on the shop’s pages', async () => {
    const flow = holding({ payers: new Map([[heldKey('street', 'the-farmer'), UNTIL]]) })
    expect(await flow.quote('the-farmer', 10_000)).toMatchObject({ reason: 'not-eligible', card: null })
    expect((await flow.quote('p2', 10_000)).card).not.toBeNull()
    expect(await merchantDay(flow.deps, 'M0001')).toMatchObject({ heldUntil: null, today: { reason: null } })
  })

  it('of another campaign, or another merchant, is none of it', async () => {
    const flow = holding({
      merchants: new Map([
        [heldKey('other', 'M0001'), UNTIL],
        [heldKey('street', 'M0002'), UNTIL],
      ]),
      payers: new Map([[heldKey('other', 'p1'), UNTIL]]),
    })
    expect((await flow.quote('p1', 10_000)).reason).toBeNull()
  })

  it('was quoted before, and is paid as the quote says', async () => {
    const flow = startFlow()
    const quote = await flow.quote('p1', 10_000)
    flow.ledger.held = async () => ({ ...NOTHING_HELD, ...merchant })
    const paid = await flow.pay(quote)
    expect(paid).toMatchObject({ kind: 'order', order: { state: 'paid', figures: quote.figures } })
  })

  it('is asked for once a second, however many quotes there are', async () => {
    const flow = startFlow()
    let asked = 0
    const counting = {
      ...flow.ledger,
      held: async () => {
        asked++
        return NOTHING_HELD
      },
    }
    const clock = { at: 0, now: () => clock.at }
    const catalog = cachedCatalog(counting, clock)
    for (let i = 0; i < 10; i++) await catalog.held('2026-11-21')
    expect(asked).toBe(1)
    clock.at = 1_001
    await catalog.held('2026-11-21')
    expect(asked).toBe(2)
  })

  it('that can’t be read gives no discount, and stops no payment', async () => {
    const flow = startFlow()
    flow.ledger.held = () => Promise.reject(new Error('away'))
    expect(await flow.quote('p1', 10_000)).toMatchObject({ reason: 'discount-unavailable', card: null })
  })
})

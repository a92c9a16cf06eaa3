import { faultsOf, standby, standbyMissing } from '../../chaos/standby'

const missing = standbyMissing()
if (missing) console.warn(missing)

;(missing ? describe.skip : describe)('a standby takes the place of the primary', () => {
  it('while people pay, and the old one goes on answering: BFFs go on at the new one, and nothing is lost', async () => {
    const drilled = await standby({ rate: 10, each: 20, ways: ['handed over'] })
    expect(faultsOf(drilled)).toEqual([])
    expect(drilled.takenOver).toMatchObject([{ way: 'handed over', lost: 0, left: 0, audit: { clean: true } }])
    expect(drilled.paid).toBeGreaterThanOrEqual(40)
  })
})

it('a switch-over that nobody could have noticed is none', () => {
  const feed = { of: 1, heard: 1, repeats: 0 }
  const held = { paidBefore: 9, servedAgainMs: 900, failed: [], lost: 0, left: 0, audit: { clean: true, text: '' } }
  const drilled = { paid: 20, discounted: 3, feed, takenOver: [{ ...held, way: 'lost' as const }] }
  expect(faultsOf(drilled)).toEqual([])
  expect(faultsOf({ ...drilled, discounted: 0 })).toEqual(['none of 20 payments had a discount: no card was tried'])
  expect(faultsOf({ ...drilled, paid: 0 })).toEqual(['nobody paid: this was no drill'])
  const failed = [
    'POST /api/orders: 503 {"code":"ledger-unavailable"}',
    'order F20261130-AB12-CD34-EF56 is paying',
    'POST /api/orders: 500 {"code":"internal"}',
  ]
  expect(faultsOf({ ...drilled, takenOver: [{ ...held, way: 'lost', failed, lost: 2, left: 1 }] })).toEqual([
    'lost: 2 payments that payers were told of are lost',
    'lost: 1 connections still lead to the old primary',
    'lost: told internal',
  ])
})

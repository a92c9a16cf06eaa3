import { idleOf, rolling, rollingMissing } from '../../chaos/rolling'

const missing = rollingMissing()
if (missing) console.warn(missing)

;(missing ? describe.skip : describe)('behind nginx as it is shipped', () => {
  it('a BFF is restarted while people pay, and nobody notices: no payment fails, and no order is unheard of', async () => {
    const rolled = await rolling({ bffs: 2, restarts: 1, rate: 10, drainMs: 500, pauseMs: 500 })
    expect(rolled.failed).toEqual([])
    expect(rolled.restarts).toMatchObject([{ exitCode: 0 }])
    expect(rolled.paid).toBeGreaterThan(10)
    expect(idleOf(rolled)).toEqual([])
    expect(rolled.feed.heard).toBe(rolled.feed.paid)
    // The page listened to one of the two, and came back if it was this one.
    for (const code of rolled.feed.closedWith) expect(code).toBe(1012)
  })
})

it('a roll that nobody could have noticed is none', () => {
  const feed = { paid: 1, heard: 1, repeats: 0, closedWith: [] }
  expect(idleOf({ paid: 9, discounted: 1, feed })).toEqual([])
  expect(idleOf({ paid: 9, discounted: 0, feed })).toEqual(['none of 9 payments had a discount, so none could be lost'])
  expect(idleOf({ paid: 9, discounted: 1, feed: { ...feed, paid: 0 } })).toEqual([
    'nothing was paid at the merchant whose page listens',
  ])
  expect(idleOf({ paid: 0, discounted: 0, feed })).toEqual(['nobody paid, so nobody could notice anything'])
})

import { lately } from '../../server/http/remembered'

/** What is dear and hardly changes. */
describe('what is told lately', () => {
  let at = 0
  let looks = 0
  let answer: () => Promise<number>
  const told = lately(
    10,
    100,
    () => at,
    () => answer(),
  )
  const settled = () => new Promise(setImmediate)
  beforeEach(() => {
    answer = () => Promise.resolve(++looks)
  })

  it('is looked for once while it is fresh, however many ask', async () => {
    expect(await Promise.all([told(), told(), told()])).toEqual([1, 1, 1])
    at += 9
    expect(await told()).toBe(1)
  })

  it('is told as it was while it is looked for anew, and new to who asks then', async () => {
    at += 1
    expect(await told()).toBe(1)
    await settled()
    expect(await told()).toBe(2)
  })

  it('is told as it was when it cannot be found, and looked for again by who asks next', async () => {
    at += 10
    answer = () => Promise.reject(new Error('away'))
    expect(await told()).toBe(2)
    await settled()
    answer = () => Promise.resolve(++looks)
    expect(await told()).toBe(2)
    await settled()
    expect(await told()).toBe(3)
  })

  it('is waited for when it is old, and what cannot be found then is said', async () => {
    at += 100
    answer = () => Promise.reject(new Error('away'))
    await expect(told()).rejects.toThrow('away')
    answer = () => Promise.resolve(++looks)
    expect(await told()).toBe(4)
  })
})

import { WorkRefused } from '../../server/flow/ports'
import { turns } from '../../server/http/turns'

const waits = new AbortController().signal

/** What has begun so far, once everything that can begin has. */
async function begun(asked: Promise<unknown>[]): Promise<boolean[]> {
  const state = asked.map(() => false)
  for (const [i, one] of asked.entries())
    one.then(
      () => {
        state[i] = true
      },
      () => {},
    )
  await new Promise(setImmediate)
  return state
}

describe('turns of dear requests', () => {
  it('come one after the other for an operator, and for two operators beside one another', async () => {
    const turn = turns({ atOnce: 2, restMs: 0 })
    const asked = [turn('a', waits), turn('a', waits), turn('b', waits), turn('c', waits)]
    expect(await begun(asked)).toEqual([true, false, true, false])
    ;(await asked[0]!)()
    // The one who has had none yet stands behind, and goes on all the same: a's second was there first.
    expect(await begun(asked)).toEqual([true, true, true, false])
    ;(await asked[2]!)()
    expect(await begun(asked)).toEqual([true, true, true, true])
  })

  it('are given up when nobody waits for them, and skipped', async () => {
    const turn = turns({ atOnce: 1, restMs: 0 })
    const first = await turn('a', waits)
    const gone = new AbortController()
    const left = turn('b', gone.signal)
    const next = turn('c', waits)
    gone.abort()
    await expect(left).rejects.toThrow(new WorkRefused('nobody waits for it'))
    first()
    expect(await begun([next])).toEqual([true])
    await expect(turn('d', AbortSignal.abort())).rejects.toThrow('nobody waits for it')
  })

  it('are refused when too many wait already: one operator’s, and all', async () => {
    const turn = turns({ atOnce: 1, mostOfOne: 2, mostWaiting: 3, restMs: 0 })
    await turn('x', waits)
    const waiting = [turn('a', waits), turn('a', waits)]
    await expect(turn('a', waits)).rejects.toThrow(new WorkRefused('too much waits already'))
    waiting.push(turn('b', waits))
    await expect(turn('c', waits)).rejects.toThrow('too much waits already')
    expect(await begun(waiting)).toEqual([false, false, false])
  })

  it('are refused when they don’t come in time, and end when they last too long', async () => {
    const impatient = turns({ atOnce: 1, waitMs: 10, restMs: 0 })
    await impatient('a', waits)
    await expect(impatient('b', waits)).rejects.toThrow('its turn did not come')
    const short = turns({ atOnce: 1, turnMs: 10, restMs: 0 })
    const slow = await short('a', waits)
    const next = await short('a', waits)
    // The slow one comes to its end at last: that isn't the end of the turn after it.
    slow()
    const third = short('a', waits)
    expect(await begun([third])).toEqual([false])
    next()
    expect(await begun([third])).toEqual([true])
  })

  describe('in a storm', () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }))
    afterEach(() => void jest.useRealTimers())

    it('are followed by as long a rest as they took, and by no longer one than the most', async () => {
      const turn = turns({ atOnce: 1, restMs: 1_000 })
      const first = await turn('a', waits)
      const asked = [turn('b', waits), turn('c', waits)]
      jest.advanceTimersByTime(300)
      first()
      jest.advanceTimersByTime(299)
      expect(await begun(asked)).toEqual([false, false])
      jest.advanceTimersByTime(1)
      expect(await begun(asked)).toEqual([true, false])
      jest.advanceTimersByTime(5_000)
      ;(await asked[0]!)()
      jest.advanceTimersByTime(999)
      expect(await begun(asked)).toEqual([true, false])
      jest.advanceTimersByTime(1)
      expect(await begun(asked)).toEqual([true, true])
    })

    it('keep nobody who comes when no one waits', async () => {
      const turn = turns({ atOnce: 1, restMs: 1_000 })
      const first = await turn('a', waits)
      jest.advanceTimersByTime(300)
      first()
      expect(await begun([turn('a', waits)])).toEqual([true])
    })

    it('rest one place at a time: the others go on', async () => {
      const turn = turns({ atOnce: 2, restMs: 1_000 })
      const [first, second] = [await turn('a', waits), await turn('b', waits)]
      const asked = [turn('c', waits), turn('d', waits)]
      jest.advanceTimersByTime(100)
      first()
      jest.advanceTimersByTime(100)
      expect(await begun(asked)).toEqual([true, false])
      second()
      jest.advanceTimersByTime(199)
      expect(await begun(asked)).toEqual([true, false])
      jest.advanceTimersByTime(1)
      expect(await begun(asked)).toEqual([true, true])
    })
  })
})

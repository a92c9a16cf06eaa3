import type { Waiter } from '../../server/flow/ports'
import { fairQueue } from '../../server/login/fair-queue'

/** A queue whose work ends when the test says so. */
function startQueue(restMs = 0) {
  const queue = fairQueue({ all: 20, place: 4, name: 4 }, restMs)
  const begun: string[] = []
  const ends: (() => void)[] = []
  const work = (label: string) => () => {
    begun.push(label)
    return new Promise<string>((resolve) => ends.push(() => resolve(label)))
  }
  return {
    begun,
    ask: (label: string, { place = label, name = label, known = false }: Partial<Waiter> = {}) =>
      queue.run({ place, name, known }, work(label)),
    own: (label: string) => queue.runOwn(work(label)),
    async endAll() {
      for (let end = ends.shift(); end; end = ends.shift()) {
        end()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

describe('the line at the log-in', () => {
  it('gives each address its turn, however many wait at one', async () => {
    const { ask, begun, endAll } = startQueue()
    for (let nth = 1; nth <= 4; nth++) void ask(`crowd-${nth}`, { place: 'crowd' })
    void ask('honest')
    void ask('other')
    await endAll()
    expect(begun).toEqual(['crowd-1', 'crowd-2', 'honest', 'other', 'crowd-3', 'crowd-4'])
  })

  it('takes known devices before strangers, and what the house itself asks for before all', async () => {
    const { ask, own, begun, endAll } = startQueue()
    void ask('first')
    void ask('stranger')
    void ask('known', { known: true })
    const hashed = own('own')
    await endAll()
    expect(begun).toEqual(['first', 'own', 'known', 'stranger'])
    expect(await hashed).toBe('own')
  })

  it('refuses whoever has four waiting at an address or for a name, and does nothing for them', async () => {
    const { ask, begun, endAll } = startQueue()
    void ask('now')
    for (let nth = 0; nth < 4; nth++) void ask(`a-${nth}`, { place: 'a' })
    for (let nth = 0; nth < 4; nth++) void ask(`n-${nth}`, { name: 'admin' })
    expect(await ask('a-4', { place: 'a' })).toBeUndefined()
    expect(await ask('n-4', { name: 'admin' })).toBeUndefined()
    const known = ask('k', { name: 'admin', known: true })
    await endAll()
    expect(await known).toBe('k')
    expect(begun).toHaveLength(10)
  })

  it('lets the longest line give way to a shorter one where all room is taken', async () => {
    const { ask, endAll } = startQueue()
    void ask('now')
    const crowds = [0, 1, 2, 3, 4].map((at) => [0, 1, 2, 3].map((nth) => ask(`${at}-${nth}`, { place: `crowd-${at}` })))
    const honest = ask('honest')
    const gone = await Promise.race(crowds.flat())
    expect(gone).toBeUndefined()
    const late = ask('late', { place: 'crowd-0' })
    expect(await late).toBeUndefined()
    await endAll()
    expect(await honest).toBe('honest')
    const answers = await Promise.all(crowds.flat())
    expect(answers.filter((one) => one === undefined)).toHaveLength(1)
  })

  it('goes on after work that failed', async () => {
    const queue = fairQueue({ all: 2, place: 2, name: 2 }, 0)
    const waiter = { place: 'a', name: 'a', known: false }
    const failed = queue.run(waiter, () => Promise.reject(new Error('no database')))
    const next = queue.run(waiter, async () => 'done')
    await expect(failed).rejects.toThrow('no database')
    expect(await next).toBe('done')
    await expect(queue.runOwn(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
    expect(await queue.run(waiter, async () => 'again')).toBe('again')
  })

  describe('with a crowd in it', () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }))
    afterEach(() => void jest.useRealTimers())

    it('gives strangers one turn and payers the next, and lets a known device in meanwhile', async () => {
      const { ask, begun, endAll } = startQueue(1_000)
      for (const name of ['first', 'second', 'third']) void ask(name)
      jest.advanceTimersByTime(250)
      await endAll()
      jest.advanceTimersByTime(249)
      expect(begun).toEqual(['first'])
      void ask('known', { known: true })
      await endAll()
      expect(begun).toEqual(['first', 'known'])
      jest.advanceTimersByTime(1)
      expect(begun).toEqual(['first', 'known', 'second'])
      jest.advanceTimersByTime(5_000)
      await endAll()
      jest.advanceTimersByTime(999)
      expect(begun).toHaveLength(3)
      jest.advanceTimersByTime(1)
      expect(begun[3]).toBe('third')
    })

    it('makes nobody wait who comes alone', async () => {
      const { ask, begun, endAll } = startQueue(1_000)
      void ask('one')
      jest.advanceTimersByTime(250)
      await endAll()
      void ask('two')
      expect(begun).toEqual(['one', 'two'])
      await endAll()
    })
  })
})

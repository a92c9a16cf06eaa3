import { DatabaseError } from 'pg'
import { LedgerBusy, LedgerUnavailable } from '../../../server/flow/ports'
import { gathered } from '../../../server/store/sql/gathered'

/** A statement that is on its way until the test says what becomes of it. */
interface Sent {
  asks: readonly string[]
  answer(): void
  fail(error: unknown): void
}

/** What is asked for is `name` or `name:key`; answers are the names, louder. */
function desk() {
  const sent: Sent[] = []
  const ask = gathered<string, string>({
    run: (asks) =>
      new Promise((resolve, reject) => {
        sent.push({ asks, answer: () => resolve(asks.map((one) => one.toUpperCase())), fail: reject })
      }),
    keysOf: (one) => one.split(':').slice(1),
  })
  return { ask, sent, asked: () => sent.map(({ asks }) => asks.join(' ')) }
}

/** Whatever waits for nothing but promises is done by then. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

function refusal(code: string): DatabaseError {
  return Object.assign(new DatabaseError('refused', 7, 'error'), { code })
}

describe('statements that queue', () => {
  it('go at once and alone while none is on its way, and together behind one', async () => {
    const { ask, sent, asked } = desk()
    const all = ['a', 'b', 'c'].map(ask)
    expect(asked()).toEqual(['a'])
    sent[0]!.answer()
    expect(await all[0]).toBe('A')
    await settled()
    expect(asked()).toEqual(['a', 'b c'])
    sent[1]!.answer()
    expect(await Promise.all(all)).toEqual(['A', 'B', 'C'])
    await settled()
    const last = ask('d')
    expect(asked()).toEqual(['a', 'b c', 'd'])
    sent[2]!.answer()
    expect(await last).toBe('D')
  })

  it('are no more than 32 together, in their order', async () => {
    const { ask, sent } = desk()
    const names = Array.from({ length: 70 }, (_, nth) => `n${nth}`)
    const all = names.map(ask)
    for (let nth = 0; nth < 4; nth++) {
      sent[nth]!.answer()
      await settled()
    }
    expect(sent.map(({ asks }) => asks.length)).toEqual([1, 32, 32, 5])
    expect(sent.flatMap(({ asks }) => asks)).toEqual(names)
    expect(await Promise.all(all)).toEqual(names.map((one) => one.toUpperCase()))
  })

  it('touch nothing twice: who would waits for the next, and comes there in turn', async () => {
    const { ask, sent, asked } = desk()
    const all = ['first', 'a:x', 'b:x:y', 'c:y', 'd:z'].map(ask)
    for (let nth = 0; nth < 4; nth++) {
      sent[nth]!.answer()
      await settled()
    }
    expect(asked()).toEqual(['first', 'a:x d:z', 'b:x:y', 'c:y'])
    expect(await Promise.all(all)).toHaveLength(5)
  })

  it('are of one kind at each place: another kind waits, whoever is first, and no other place does', async () => {
    const sent: string[] = []
    const ask = gathered<string, string>({
      async run(asks) {
        sent.push(asks.join(' '))
        return asks
      },
      keysOf: (one) => [one],
      kindOf: (one) => ({ place: one[0]!, kind: one[1]! }),
    })
    await Promise.all(['m1-', 'm1a', 'm2b', 'm1c', 'n2d', 'm3e', 'm2f'].map(ask))
    expect(sent).toEqual(['m1-', 'm1a m1c n2d', 'm2b m2f', 'm3e'])
  })

  it.each(['23505', '23514', '21000', '40P01', '55P03', 'P0001', '22P02'])(
    'are asked for one by one when one of them is refused (%s), and that one alone hears of it',
    async (code) => {
      const { ask, sent, asked } = desk()
      const [first, ...all] = ['first', 'a', 'bad', 'c'].map((one) => ask(one).then(String, (error: unknown) => error))
      sent[0]!.answer()
      await first
      await settled()
      sent[1]!.fail(refusal(code))
      await settled()
      expect(asked()).toEqual(['first', 'a bad c', 'a', 'bad', 'c'])
      const bad = refusal(code)
      sent[3]!.fail(bad)
      sent[2]!.answer()
      sent[4]!.answer()
      expect(await Promise.all(all)).toEqual(['A', bad, 'C'])
    },
  )

  it('alone are asked for once, whatever becomes of them', async () => {
    const { ask, sent, asked } = desk()
    const one = ask('a')
    const refused = refusal('23505')
    sent[0]!.fail(refused)
    await expect(one).rejects.toBe(refused)
    expect(asked()).toEqual(['a'])
  })

  it.each([
    ['is away', new LedgerUnavailable('away')],
    ['has no connection left', new LedgerBusy('too-many')],
    ['took too long', new LedgerBusy('too-long', { cause: refusal('57014') })],
    ['hung up', new LedgerUnavailable('away', { cause: refusal('57P01') })],
    ['is asked by a bug', new TypeError('of no statement')],
  ])('all hear of a database that %s, which isn’t asked again for them', async (_, error) => {
    const { ask, sent, asked } = desk()
    const all = ['first', 'a', 'b'].map((one) => ask(one).catch((heard: unknown) => heard))
    sent[0]!.fail(error)
    await settled()
    expect(asked()).toEqual(['first', 'a b'])
    sent[1]!.fail(error)
    expect(await Promise.all(all)).toEqual([error, error, error])
    await settled()
    expect(asked()).toEqual(['first', 'a b'])
  })

  it.each([
    ['locked by somebody', '55P03'],
    ['the victim of a deadlock', '40P01'],
  ])('are asked for one by one when what one of them touches is %s', async (_, code) => {
    const { ask, sent, asked } = desk()
    const all = ['first', 'a', 'b'].map((one) => ask(one).catch((heard: unknown) => heard))
    sent[0]!.answer()
    await settled()
    sent[1]!.fail(new LedgerUnavailable('too busy with others', { cause: refusal(code) }))
    await settled()
    expect(asked()).toEqual(['first', 'a b', 'a', 'b'])
    sent[2]!.answer()
    sent[3]!.answer()
    expect(await Promise.all(all)).toEqual(['FIRST', 'A', 'B'])
  })
})

describe('a statement that hangs', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }))
  afterEach(() => void jest.useRealTimers())

  it('is passed by those behind it after a tenth of a second, and by whoever comes then at once', async () => {
    const { ask, sent, asked } = desk()
    const [hangs, ...behind] = ['hangs', 'a', 'b'].map(ask)
    jest.advanceTimersByTime(99)
    expect(asked()).toEqual(['hangs'])
    jest.advanceTimersByTime(1)
    expect(asked()).toEqual(['hangs', 'a b'])
    sent[1]!.answer()
    expect(await Promise.all(behind)).toEqual(['A', 'B'])
    await settled()
    const later = ask('c')
    expect(asked()).toEqual(['hangs', 'a b', 'c'])
    sent[2]!.answer()
    sent[0]!.answer()
    expect(await Promise.all([hangs, later])).toEqual(['HANGS', 'C'])
  })

  it('leaves no clock running when nobody waits', async () => {
    const { ask, sent } = desk()
    const all = ['a', 'b'].map(ask)
    expect(jest.getTimerCount()).toBe(1)
    sent[0]!.answer()
    await settled()
    expect(jest.getTimerCount()).toBe(0)
    sent[1]!.answer()
    await Promise.all(all)
    await settled()
    expect(jest.getTimerCount()).toBe(0)
  })
})

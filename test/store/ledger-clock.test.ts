import { type LedgerClock, type Look, ledgerClock } from '../../server/store/ledger-clock'

const NOON = Date.parse('2026-11-21T12:00:00+08:00')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Clocks of other machines are so far ahead of the truth; the process is, too, and may sleep. */
interface World {
  truth: number
  /** what the process's monotonic clock didn't count */
  slept: number
  ahead: { database: number; redis: number | null; bank: number | null; process: number }
  /** how long the database's answer takes on its way back, ms */
  slowMs: number
}

describe('the ledger’s clock', () => {
  let world: World
  let clock: LedgerClock
  let looks: Look[]
  let asked: number
  const elapsed = () => world.truth - NOON - world.slept + 1_000
  const pass = (ms: number) => {
    world.truth += ms
  }
  /** A look every five seconds for so long. */
  const go = async (ms: number) => {
    for (let left = ms; left > 0; left -= 5_000) {
      pass(Math.min(left, 5_000))
      await clock.look()
    }
  }
  const off = () => clock.now() - world.truth

  async function start(ahead: Partial<World['ahead']> = {}, more: { shiftMs?: number; toleranceMs?: number } = {}) {
    world = { truth: NOON, slept: 0, slowMs: 0, ahead: { database: 0, redis: 0, bank: null, process: 0, ...ahead } }
    looks = []
    asked = 0
    clock = ledgerClock({
      async database() {
        const said = world.truth + world.ahead.database
        pass(world.slowMs)
        return said
      },
      witnesses: {
        async redis() {
          if (world.ahead.redis === null) throw new Error('Redis is away')
          return world.truth + world.ahead.redis
        },
      },
      toleranceMs: 30_000,
      own: { elapsed, wall: () => world.truth + world.ahead.process },
      onLook: (look) => looks.push(look),
      ...more,
    })
    await clock.look()
    await clock.consult(async () => {
      asked++
      if (world.ahead.bank !== null) clock.heard('bank', world.truth + world.ahead.bank)
    })
  }
  afterEach(() => clock.stop())

  it('is the database’s time, and goes on between two looks', async () => {
    await start({ database: 700, process: -5_000 })
    expect(off()).toBe(700)
    pass(1_234)
    expect(off()).toBe(700)
    expect(clock.trusted()).toBe(true)
  })

  it('says nothing before its first look', () => {
    clock = ledgerClock({ database: () => Promise.reject(new Error('away')), witnesses: {}, toleranceMs: 1 })
    expect(() => clock.now()).toThrow('nobody has looked')
    expect(clock.trusted()).toBe(false)
    return expect(clock.look()).rejects.toThrow('away')
  })

  it.each([6 * MINUTE, -6 * MINUTE, 26 * HOUR, 61 * DAY])(
    'doesn’t care for a jump of the process’s own clock by %d ms',
    async (ms) => {
      await start({ bank: 0 })
      world.ahead.process = ms
      expect(off()).toBe(0)
      await go(10_000)
      expect([off(), clock.trusted()]).toEqual([0, true])
      expect(looks.at(-1)!.aheadMs).toEqual({ database: 0, process: ms, redis: 0, bank: 0 })
      world.ahead.process = 0
      await go(10_000)
      expect([off(), clock.trusted()]).toEqual([0, true])
    },
  )

  it('of a process that starts with a wrong clock of its own is right, and trusted where another machine agrees', async () => {
    await start({ process: 61 * DAY })
    expect([off(), clock.trusted()]).toEqual([0, true])
    await start({ process: 61 * DAY, redis: null, bank: 200 })
    expect([off(), clock.trusted()]).toEqual([0, false])
    await go(MINUTE)
    expect([off(), clock.trusted()]).toEqual([0, true])
    await start({ process: 61 * DAY, redis: null, bank: null })
    await go(2 * MINUTE)
    expect([off(), clock.trusted()]).toEqual([0, false])
    await start({ process: 1_000, redis: null, bank: null })
    expect([off(), clock.trusted()]).toEqual([0, true])
  })

  it('stays where it was while the database’s time has jumped, and is doubtful for a minute longer', async () => {
    await start()
    world.ahead.database = 61 * DAY
    await go(12_000)
    expect([off(), clock.trusted()]).toEqual([0, false])
    expect(looks.at(-1)).toEqual({ trusted: false, aheadMs: { database: 61 * DAY, process: 0, redis: 0 } })
    world.ahead.database = 0
    await go(55_000)
    expect([off(), clock.trusted()]).toEqual([0, false])
    await go(15_000)
    expect([off(), clock.trusted()]).toEqual([0, true])
  })

  it('stays where it was, too, when Redis jumps along, as on one machine, and the bank says otherwise', async () => {
    await start({ bank: 300 })
    Object.assign(world.ahead, { database: 26 * HOUR, redis: 26 * HOUR, process: 26 * HOUR })
    await go(2 * MINUTE)
    expect([off(), clock.trusted()]).toEqual([0, false])
  })

  it('stays where it was when nobody but the database says so', async () => {
    await start({ redis: null, bank: null })
    world.ahead.database = world.ahead.process = HOUR
    await go(2 * MINUTE)
    expect([off(), clock.trusted()]).toEqual([0, false])
  })

  it('is right again at the first look after its machine slept, and doubtful for a minute', async () => {
    await start({ bank: 0 })
    pass(3 * HOUR)
    world.slept += 3 * HOUR
    expect(off()).toBe(-3 * HOUR)
    await go(5_000)
    expect([off(), clock.trusted()]).toEqual([0, false])
    await go(65_000)
    expect([off(), clock.trusted()]).toEqual([0, true])
  })

  it.each(['redis', 'bank'] as const)(
    'is doubtful while the clock of %s is off by more than the tolerance',
    async (name) => {
      await start({ bank: 0, [name]: 29_000 })
      expect(clock.trusted()).toBe(true)
      await start({ bank: 0, [name]: -31_000 })
      expect(clock.trusted()).toBe(false)
      world.ahead[name] = 0
      await go(55_000)
      expect(clock.trusted()).toBe(false)
      await go(10_000)
      expect([off(), clock.trusted()]).toEqual([0, true])
    },
  )

  it('asks the bank when it starts and while there is doubt, and else goes by what the bank sends unasked', async () => {
    await start({ bank: 0 })
    await go(MINUTE)
    expect(asked).toBe(1)
    clock.heard('bank', world.truth - 40_000)
    await go(5_000)
    expect(clock.trusted()).toBe(false)
    expect(asked).toBe(1)
    await go(10_000)
    expect(asked).toBe(3)
  })

  it('forgets after five minutes what the bank’s clock was', async () => {
    await start({ bank: 0 })
    await go(4 * MINUTE)
    expect(looks.at(-1)!.aheadMs).toHaveProperty('bank')
    await go(MINUTE)
    expect(looks.at(-1)!.aheadMs).not.toHaveProperty('bank')
    expect(clock.trusted()).toBe(true)
  })

  it('takes a slow answer for no jump', async () => {
    await start()
    world.slowMs = 4_000
    await go(30_000)
    expect([off(), clock.trusted()]).toEqual([0, true])
  })

  it('follows the database’s clock where that drifts', async () => {
    await start({ bank: 0 })
    for (let i = 0; i < 100; i++) {
      world.ahead.database += 3
      await go(5_000)
    }
    expect([off(), clock.trusted()]).toEqual([300, true])
  })

  it('goes on while the database is away, and is doubtful after a minute', async () => {
    await start()
    pass(59_000)
    expect([off(), clock.trusted()]).toEqual([0, true])
    pass(1_000)
    expect([off(), clock.trusted()]).toEqual([0, false])
    await go(5_000)
    expect([off(), clock.trusted()]).toEqual([0, true])
  })

  it('shifts what the stores say where a test wants another day, and not what the bank says', async () => {
    await start({ bank: -DAY, process: 0 }, { shiftMs: -DAY })
    expect([off(), clock.trusted()]).toEqual([-DAY, true])
    expect(looks.at(-1)!.aheadMs).toEqual({ database: 0, process: 0, redis: 0, bank: 0 })
  })

  it('looks by itself every five seconds until it is stopped', async () => {
    jest.useFakeTimers()
    try {
      await start()
      const before = looks.length
      await jest.advanceTimersByTimeAsync(15_000)
      expect(looks.length).toBe(before + 3)
      clock.stop()
      await jest.advanceTimersByTimeAsync(15_000)
      expect(looks.length).toBe(before + 3)
    } finally {
      jest.useRealTimers()
    }
  })
})

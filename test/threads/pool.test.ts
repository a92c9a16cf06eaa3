import { join } from 'node:path'
import { forecastTask } from '../../server/flow/campaign/forecast'
import type { Task } from '../../server/flow/ports'
import { codesTask, merchantsTask } from '../../server/http/csv-tasks'
import { type WorkPool, workPool } from '../../server/threads/pool'
import { CAMPAIGN } from '../support/flow'

const file = join(__dirname, '../support/work-thread.cjs')
const task = <In = unknown, Out = unknown>(name: string): Task<In, Out> => ({
  name,
  run() {
    throw new Error(`${name} ran in place`)
  },
})
const HOLD = task<{ gate: SharedArrayBuffer; value: string }, string>('hold')
const SPIN = task('spin')

/** What holds a thread until it is let go. */
function gate() {
  const buffer = new SharedArrayBuffer(4)
  const open = () => {
    Atomics.store(new Int32Array(buffer), 0, 1)
    Atomics.notify(new Int32Array(buffer), 0)
  }
  return { buffer, open }
}

describe('the pool of threads', () => {
  let pool: WorkPool
  const opened = (options: Parameters<typeof workPool>[0] = {}) => {
    pool = workPool({ threads: 2, file, ...options })
    return pool
  }
  afterEach(() => pool?.stop())

  it('does long work while the event loop goes on', async () => {
    const { buffer, open } = gate()
    const order: string[] = []
    const held = opened()
      .run(HOLD, { gate: buffer, value: 'done' }, { owner: 'a' })
      .then((value) => order.push(value))
    await new Promise((resolve) => setTimeout(resolve, 20))
    order.push('the loop turned')
    open()
    await held
    expect(order).toEqual(['the loop turned', 'done'])
  })

  it('does one owner’s pieces in turn, and another’s meanwhile', async () => {
    const { buffer, open } = gate()
    opened()
    const order: string[] = []
    const first = pool.run(HOLD, { gate: buffer, value: 'a1' }, { owner: 'a' }).then((value) => order.push(value))
    const second = pool.run(task('echo'), 'a2', { owner: 'a' }).then((value) => order.push(String(value)))
    order.push(String(await pool.run(task('echo'), 'b', { owner: 'b' })))
    open()
    await Promise.all([first, second])
    expect(order).toEqual(['b', 'a1', 'a2'])
  })

  it('refuses what would wait too long: more than three of one owner, more than sixteen of all', async () => {
    const { buffer, open } = gate()
    opened({ threads: 1 })
    const held = pool.run(HOLD, { gate: buffer, value: 'held' }, { owner: 'a' })
    const echo = (owner: string) => pool.run(task('echo'), owner, { owner })
    const own = ['a', 'a', 'a'].map(echo)
    await expect(echo('a')).rejects.toMatchObject({ name: 'WorkRefused' })
    const others = Array.from({ length: 13 }, (_, i) => echo(`o${i}`))
    await expect(echo('late')).rejects.toMatchObject({ name: 'WorkRefused' })
    open()
    expect(await held).toBe('held')
    expect(await Promise.all(own)).toHaveLength(3)
    expect(await Promise.all(others)).toHaveLength(13)
    expect(await echo('late')).toBe('late')
  })

  it('ends what nobody waits for any more, running or waiting, and goes on with the next', async () => {
    opened({ threads: 1 })
    const [running, waiting] = [new AbortController(), new AbortController()]
    const spin = pool.run(SPIN, null, { owner: 'a', signal: running.signal })
    const queued = pool.run(task('echo'), 1, { owner: 'b', signal: waiting.signal })
    const next = pool.run(task('echo'), 2, { owner: 'c' })
    waiting.abort()
    await expect(queued).rejects.toMatchObject({ name: 'WorkRefused' })
    running.abort()
    await expect(spin).rejects.toMatchObject({ name: 'WorkRefused' })
    expect(await next).toBe(2)
    const gone = AbortSignal.abort()
    await expect(pool.run(task('echo'), 3, { owner: 'a', signal: gone })).rejects.toMatchObject({ name: 'WorkRefused' })
  })

  it('ends what takes too long', async () => {
    opened({ limitMs: 100 })
    await expect(pool.run(SPIN, null, { owner: 'a' })).rejects.toMatchObject({ message: 'it took too long' })
  })

  it('survives a piece that throws, one that ends its thread, and one that hoards memory', async () => {
    opened({ threads: 1 })
    await expect(pool.run(task('fail'), null, { owner: 'a' })).rejects.toMatchObject({ message: 'a bug' })
    await expect(pool.run(task('exit'), null, { owner: 'a' })).rejects.toMatchObject({ name: 'WorkRefused' })
    await expect(pool.run(task('hoard'), null, { owner: 'a' })).rejects.toMatchObject({
      code: 'ERR_WORKER_OUT_OF_MEMORY',
    })
    expect(await pool.run(task('echo'), 'still there', { owner: 'a' })).toBe('still there')
  })

  it('gives up what waits and what runs when it is stopped', async () => {
    opened({ threads: 1 })
    const both = [pool.run(SPIN, null, { owner: 'a' }), pool.run(task('echo'), 1, { owner: 'b' })]
    const ended = Promise.allSettled(both)
    await pool.stop()
    expect((await ended).map((one) => one.status)).toEqual(['rejected', 'rejected'])
  })
})

describe('the tasks of the house', () => {
  let pool: WorkPool
  beforeAll(() => {
    pool = workPool({ threads: 1 })
  })
  afterAll(() => pool?.stop())

  it('give in a thread what they give in place', async () => {
    const merchants = Buffer.from('code,name,branch,account\nN1,面馆,B01,a1\nN2,x\n')
    const codes = Buffer.from('M0001\nM0002\n')
    const input = { ...CAMPAIGN, days: 365, merchantCount: 40, ordersPerMerchantPerDay: 15 }
    const [one, two, three] = await Promise.all([
      pool.run(merchantsTask, [merchants], { owner: 'a' }),
      pool.run(codesTask, [codes], { owner: 'a' }),
      pool.run(forecastTask, { input, seed: 7 }, { owner: 'a' }),
    ])
    expect(one).toEqual(merchantsTask.run([merchants]))
    expect({ ...two, at: [...two.at] }).toEqual({ ...codesTask.run([codes]), at: [1, 2] })
    expect(three).toEqual(forecastTask.run({ input, seed: 7 }))
  })

  it('reads a file from its pieces wherever it was cut, and takes those that are a buffer’s whole instead of copying them', async () => {
    const bytes = Buffer.from('code,name,branch,account\nN1,面馆,B01,a1\nN2,茶铺,B01,a2\n')
    const inPlace = merchantsTask.run([bytes])
    for (let at = 1; at < bytes.length; at += 3) {
      const whole = Uint8Array.prototype.slice.call(bytes, 0, at)
      const part = bytes.subarray(at)
      expect(await pool.run(merchantsTask, [whole, part], { owner: 'a' })).toEqual(inPlace)
      expect([whole.byteLength, part.byteLength]).toEqual([0, bytes.length - at])
    }
  })
})

import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { ConfigFaults } from '../../server/config'
import { LedgerUnavailable } from '../../server/flow/ports'
import { every } from '../../server/job/every'
import { endInOrder } from '../../server/main/ending'
import { lifeOf } from '../../server/main/life'
import { patiently } from '../../server/main/patience'
import { sentenceOf } from '../../server/main/sentence'
import { DatabaseUnfit } from '../../server/store/sql/session'

const NEVER_MS = 600_000
const NEVER = new Promise<never>(() => {})

/** What was logged, as words. */
function listener() {
  const lines: [object, string][] = []
  const line = (fields: object, words: string) => void lines.push([fields, words])
  return { lines, log: { info: line, warn: line, error: line } as unknown as Logger }
}

describe('the life of a process', () => {
  function born(connected = false) {
    const exits: number[] = []
    let exited = () => {}
    const gone = new Promise<void>((resolve) => {
      exited = resolve
    })
    const exit = (code: number) => {
      exits.push(code)
      exited()
    }
    const child = Object.assign(new EventEmitter(), { exit, connected })
    const { lines, log } = listener()
    const life = lifeOf(child as unknown as NodeJS.Process)
    return { child, life, exits, gone, lines, log }
  }

  it('ends at once while it still starts, as nobody else would end the first process of a container', () => {
    const { child, exits } = born()
    child.emit('SIGTERM')
    child.emit('SIGTERM')
    expect(exits).toEqual([0])
  })

  it('stops once, however often it is told, and ends when that is done', async () => {
    const { child, life, exits, gone, log } = born()
    let stops = 0
    life.serves(async () => void stops++, NEVER_MS, log)
    for (const told of ['SIGTERM', 'SIGINT', 'disconnect', 'SIGTERM']) child.emit(told)
    await gone
    expect([stops, exits]).toEqual([1, [0]])
  })

  it('ends when its time is over, whatever is still under way, and says so', async () => {
    const { child, life, exits, gone, lines, log } = born()
    life.serves(() => NEVER, 5, log)
    child.emit('SIGTERM')
    await gone
    expect(exits).toEqual([0])
    expect(lines).toEqual([[{ withinMs: 5 }, 'stopped with requests or jobs under way']])
  })

  it('that can’t be stopped in order ends with another exit code', async () => {
    const { child, life, exits, gone, log } = born()
    life.serves(() => Promise.reject(new Error('no')), NEVER_MS, log)
    child.emit('SIGTERM')
    await gone
    expect(exits).toEqual([1])
  })

  it('leaves Ctrl-C to the parent that it has', async () => {
    const { child, life, exits, log } = born(true)
    life.serves(async () => {}, NEVER_MS, log)
    child.emit('SIGINT')
    await new Promise((round) => setImmediate(round))
    expect(exits).toEqual([])
  })
})

describe('the end of a process that serves', () => {
  it('goes from outside to inside, jobs and drain at once, with what time there is for requests', async () => {
    const did: string[] = []
    const note = (word: string) => async () => void did.push(word)
    const door = {
      drain: async (ms: number) => void did.push(`drain ${ms}`),
      stop: async (ms: number) => void did.push(`stop ${ms}`),
    }
    const parts = { door, live: { close: () => void did.push('feeds') }, jobs: [{ stop: note('job') }] }
    const last = [note('threads'), note('stores')]
    await endInOrder({ drainMs: 3_000, shutdownMs: 15_000 }, { ...parts, requestMs: 60_000, last })
    expect(did).toEqual(['job', 'drain 3000', 'feeds', 'stop 11000', 'threads', 'stores'])
    did.length = 0
    await endInOrder({ drainMs: 0, shutdownMs: 1_000 }, { ...parts, requestMs: 6_000, last: [] })
    expect(did).toEqual(['job', 'drain 0', 'feeds', 'stop 0'])
  })

  it('a job that may take long is asked between its steps, lets go, and isn’t taken for a failure', async () => {
    const { lines, log } = listener()
    let letGo = false
    let begun = () => {}
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const job = every('long', NEVER_MS, log, async (goOn) => {
      try {
        for (;;) {
          goOn()
          begun()
          await new Promise((round) => setImmediate(round))
        }
      } finally {
        letGo = true
      }
    })
    await isBegun
    await job.stop()
    expect(letGo).toBe(true)
    expect(lines).toEqual([[{ job: 'long' }, 'job handed over']])
  })
})

describe('a start', () => {
  const databaseUrl = 'postgres://fapai:the-password@db.bank.example:5433/fapai'
  const away = () => new LedgerUnavailable('the ledger cannot be reached', { cause: new Error('connect ECONNREFUSED') })

  it('waits for its ledger, says for which and why and never by whom, and goes on when it is there', async () => {
    const { lines, log } = listener()
    let asked = 0
    const open = async () => {
      if (++asked < 3) throw away()
      return 'open'
    }
    expect(await patiently({ databaseUrl }, log, open, { forMs: NEVER_MS, pauseMs: 1 })).toBe('open')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toEqual([
      {
        for: 'PostgreSQL at db.bank.example:5433/fapai',
        leftMs: expect.any(Number),
        because: 'the ledger cannot be reached: connect ECONNREFUSED',
      },
      'waiting for the ledger',
    ])
    expect(JSON.stringify(lines)).not.toContain('the-password')
  })

  it('gives up after a while, and at once where waiting mends nothing', async () => {
    const { lines, log } = listener()
    const times = { forMs: 0, pauseMs: 1 }
    await expect(patiently({ databaseUrl }, log, () => Promise.reject(away()), times)).rejects.toThrow(
      LedgerUnavailable,
    )
    const unfit = () => Promise.reject(new DatabaseUnfit('too old'))
    await expect(patiently({ databaseUrl }, log, unfit, { forMs: NEVER_MS, pauseMs: 1 })).rejects.toThrow('too old')
    expect(lines).toEqual([])
  })

  it('that can’t be is told in one sentence, whatever it is of around us; a bug keeps its stack', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fapai-life-'))
    const file = join(dir, 'file')
    writeFileSync(file, '')
    const thrown = (work: () => unknown) => {
      try {
        return work()
      } catch (error) {
        return error
      }
    }
    const held = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => held.once('listening', done))
    const { port } = held.address() as { port: number }
    const listens = (...to: [number, string]) =>
      new Promise((done) =>
        createServer()
          .once('error', done)
          .listen(...to),
      )
    const sentences = [
      sentenceOf(thrown(() => mkdirSync(join(file, 'data')))),
      sentenceOf(await listens(port, '127.0.0.1')),
      sentenceOf(await listens(0, '203.0.113.7')),
      sentenceOf(
        Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }),
      ),
      sentenceOf(Object.assign(new Error('password authentication failed for user "u"\nmore'), { code: '28P01' })),
      sentenceOf(Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })),
      sentenceOf(
        new LedgerUnavailable('the ledger cannot be reached', { cause: new AggregateError([new Error('one')]) }),
      ),
      sentenceOf(new ConfigFaults('PORT: none')),
    ]
    expect(sentences).toEqual([
      `ENOTDIR: not a directory, mkdir '${join(file, 'data')}'`,
      `port ${port} is in use by another program; give this one another PORT or OPS_PORT`,
      'this machine has no address 203.0.113.7 to listen on; give it another HOST or OPS_HOST',
      'ENOSPC: no space left on device, write',
      'the database refuses us: password authentication failed for user "u"',
      'the certificate of a store isn’t believed: self-signed certificate',
      'the ledger cannot be reached: one',
      'PORT: none',
    ])
    for (const bug of [new TypeError('x is not a function'), undefined, 'words']) expect(sentenceOf(bug)).toBeNull()
    held.close()
    rmSync(dir, { recursive: true, force: true })
  })
})

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { monthLine, waitingLine } from '../../../scripts/archive-text'
import { type ArchiveDeps, archivableBefore, archiveDays } from '../../../server/flow/archive/archive'
import type { Archive, ArchivedMonth, ArchiveFiles, WaitingMonth } from '../../../server/flow/ports'
import { archiveFiles, archiveName } from '../../../server/store/archive-file'
import { sqlArchive } from '../../../server/store/sql/archive/archive'
import type { Sql } from '../../../server/store/sql/open-sql'
import { sqlRefunds } from '../../../server/store/sql/refund/refund-ledger'
import { DAY, fewOrders, LATER, NEXT_DAY } from '../../store/sql/archive/long-over'
import { DEEDS } from '../../store/sql/audit/desk-books'
import { DATE, NOON } from '../../store/sql/payment/ledger-orders'
import { asked } from '../../store/sql/refund/refund-contract'

const BEFORE = archivableBefore(NOON + 33 * DAY)
class Crash extends Error {}

/** Day by day from the ledger to files, cut off wherever it may be. */
describe.each(oneSqlEngine())('archiving day by day, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let few: Awaited<ReturnType<typeof fewOrders>>
  let dir: string
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fapai-archive-'))
    sql = await engine.fresh()
    few = await fewOrders(sql)
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))
  afterAll(() => engine?.stop())

  const depsOf = (
    archive: Partial<Archive> = {},
    files: Partial<ArchiveFiles> = {},
    more: Partial<ArchiveDeps> = {},
  ) => ({
    archive: { ...sqlArchive(sql, DEEDS, { check: async () => {} }), ...archive },
    files: { ...archiveFiles(dir), ...files },
    audited: async () => [],
    now: async () => LATER,
    ...more,
  })
  const archived = (...how: Parameters<typeof depsOf>) => archiveDays(depsOf(...how), BEFORE)
  const crashing = (...how: Parameters<typeof depsOf>) => expect(archived(...how)).rejects.toBeInstanceOf(Crash)
  const counts = async () =>
    (
      await few.run(`
        select (select count(*)::int from orders) as orders, (select count(*)::int from payer_days) as "payerDays",
          (select count(*)::int from archived_days) as days, (select coalesce(sum(orders), 0)::int from archived_merchant_days) as summed,
          (select count(*)::int from operator_actions where action = 'ledger.archive') as deeds`)
    )[0]
  const NOTHING = { orders: 4, payerDays: 2, days: 0, summed: 0, deeds: 0 }
  const ALL = { orders: 0, payerDays: 0, days: 2, summed: 4, deeds: 2 }
  const crash = async () => {
    throw new Crash()
  }

  it('goes from the first day to the last before the date, and then has nothing to do', async () => {
    const dates: string[] = []
    const steps: string[] = []
    const audited = async (date: string) => {
      dates.push(date)
      return []
    }
    const onProgress: ArchiveDeps['onProgress'] = ({ date, step }) => steps.push(`${date} ${step}`)
    expect(BEFORE).toBe('2026-11-23')
    expect(await archived({}, {}, { audited, onProgress })).toEqual({ kind: 'done', days: 2 })
    expect(dates).toEqual([DATE, NEXT_DAY])
    expect([...new Set(steps)]).toEqual(
      [DATE, NEXT_DAY].flatMap((date) => ['audit', 'write', 'check', 'take'].map((step) => `${date} ${step}`)),
    )
    expect(await counts()).toEqual(ALL)
    expect((await readdir(dir)).sort()).toEqual([archiveName(DATE), archiveName(NEXT_DAY)])
    expect(await archived()).toEqual({ kind: 'done', days: 0 })
  })

  it('stops at a day that isn’t old enough, that something stands in the way of, or in which the audit differs', async () => {
    expect(await archiveDays(depsOf(), DATE)).toEqual({ kind: 'done', days: 0 })
    const obstacles = async () => [{ code: 'orders-open' as const, count: 1 }]
    expect(await archived({ obstacles })).toEqual({ kind: 'in-the-way', date: DATE, obstacles: await obstacles() })
    const audited = async () => ['postings-wrong']
    expect(await archived({}, {}, { audited })).toEqual({ kind: 'differs', date: DATE, codes: ['postings-wrong'] })
    expect(await counts()).toEqual(NOTHING)
    expect(await readdir(dir)).toEqual([])
  })

  it('takes days that can never be reconciled any more by somebody’s word, whose deed says which', async () => {
    const obstacles: Archive['obstacles'] = async (date) =>
      date === DATE ? [{ code: 'day-passed', which: [DATE, `alipay/${DATE}`] }] : []
    expect(await archived({ obstacles })).toMatchObject({ kind: 'in-the-way', date: DATE })
    const passedOver = { by: 'root', reason: 'the bank has no statement of before the pilot' }
    const both: Archive['obstacles'] = async (date) => [
      ...(await obstacles(date)),
      { code: 'not-reconciled', which: [NEXT_DAY] },
    ]
    // What can still be done nobody passes over.
    expect(await archived({ obstacles: both }, {}, { passedOver })).toEqual({
      ...{ kind: 'in-the-way', date: DATE, obstacles: [{ code: 'not-reconciled', which: [NEXT_DAY] }] },
    })
    expect(await counts()).toEqual(NOTHING)
    expect(await archived({ obstacles }, {}, { passedOver })).toEqual({ kind: 'done', days: 2 })
    expect(await counts()).toEqual(ALL)
    const deeds = await few.run(
      `select username, action, subject, after from operator_actions where action like 'ledger.%' and action <> 'ledger.seal' order by 1, 3`,
    )
    expect(deeds).toMatchObject([
      {
        ...{ username: 'root', action: 'ledger.pass-over', subject: `ledger/${DATE}` },
        after: { days: [DATE, `alipay/${DATE}`], reason: passedOver.reason },
      },
      { username: 'system', action: 'ledger.archive', subject: `ledger/${DATE}` },
      { username: 'system', action: 'ledger.archive', subject: `ledger/${NEXT_DAY}` },
    ])
  })

  describe('cut off', () => {
    it('while it writes, it has no file and goes on', async () => {
      await crashing({
        async *lines(date) {
          for await (const batch of depsOf().archive.lines(date)) {
            yield batch
            throw new Crash()
          }
        },
      })
      expect(await readdir(dir)).toEqual([])
      expect(await counts()).toEqual(NOTHING)
      expect(await archived()).toEqual({ kind: 'done', days: 2 })
    })

    it.each(['same', 'note'] as const)('before it is noted (%s), the file is written anew', async (step) => {
      await crashing({ [step]: crash })
      expect(await readdir(dir)).toEqual([archiveName(DATE)])
      expect(await counts()).toEqual(NOTHING)
      // What is true by now is in it, and not what was.
      await sqlRefunds(sql).openRefund(asked(few.orders[0]!, 1, { createdAt: LATER }))
      expect(await archived()).toEqual({ kind: 'done', days: 2 })
      expect(await counts()).toEqual({ ...ALL, orders: 1, summed: 3 })
      const lines: string[] = []
      for await (const batch of depsOf().files.read(archiveName(DATE), DATE)) lines.push(...batch)
      expect(lines.join()).not.toContain(few.orders[0]!.orderNo)
    })

    it('while it takes out, it takes the rest out, each once, and what was refunded meanwhile stays', async () => {
      const { takeOut } = depsOf().archive
      const one = async (date: string, lines: readonly string[]) => {
        await takeOut(date, lines.slice(0, 1))
        throw new Crash()
      }
      await crashing({ takeOut: one })
      expect(await counts()).toEqual({ orders: 3, payerDays: 2, days: 1, summed: 1, deeds: 1 })
      const left = (
        await few.run<{ order_no: string }>(`select order_no from orders where business_date = '${DATE}'`)
      )[0]!
      const refunded = few.orders.find((order) => order.orderNo === left.order_no)!
      await sqlRefunds(sql).openRefund(asked(refunded, 1, { createdAt: LATER }))
      const stay: unknown[] = []
      const audited = async (date: string) => (date === DATE ? ['it is noted: no audit'] : [])
      const more = { audited, onDay: (day: { date: string; staying: object }) => stay.push(day.date, day.staying) }
      expect(await archived({}, {}, more)).toEqual({ kind: 'done', days: 2 })
      expect(stay).toEqual([DATE, { refunded: 1 }, NEXT_DAY, {}])
      expect(await counts()).toEqual({ ...ALL, orders: 1, summed: 3 })
    })

    it('goes on with no file but the one that was noted', async () => {
      await crashing({ takeOut: crash })
      const path = join(dir, archiveName(DATE))
      const whole = await readFile(path)
      await rm(path)
      expect(await archived()).toEqual({ kind: 'file-fault', date: DATE, sentence: `${archiveName(DATE)} isn’t there` })
      await writeFile(path, Buffer.concat([whole, whole]))
      expect(await archived()).toMatchObject({ sentence: expect.stringContaining('isn’t the one that was noted') })
      expect(await counts()).toEqual({ ...NOTHING, days: 1, deeds: 1 })
      await writeFile(path, whole)
      expect(await archived()).toEqual({ kind: 'done', days: 2 })
      expect(await counts()).toEqual(ALL)
    })
  })

  describe('a file that isn’t what was written takes nothing out:', () => {
    const path = () => join(dir, archiveName(DATE))
    /** Between writing and reading back. */
    const changed = (change: (text: Buffer) => Promise<void>): Partial<ArchiveFiles> => ({
      async write(date, lines) {
        const written = await archiveFiles(dir).write(date, lines)
        await change(await readFile(path()))
        return written
      },
    })

    it('cut off', async () => {
      const cut = changed((text) => writeFile(path(), text.subarray(0, -20)))
      expect(await archived({}, cut)).toEqual({
        kind: 'file-fault',
        date: DATE,
        sentence: `${archiveName(DATE)} is cut off`,
      })
      expect(await counts()).toEqual(NOTHING)
    })

    it('with another figure', async () => {
      const forged = changed(async () => {
        const lines: string[] = []
        for await (const batch of archiveFiles(dir).read(archiveName(DATE), DATE)) lines.push(...batch)
        await archiveFiles(dir).write(
          DATE,
          batches(lines.map((line) => line.replace('"amount_fen":1000,', '"amount_fen":1001,'))),
        )
      })
      expect(await archived({}, forged)).toMatchObject({
        kind: 'file-fault',
        sentence: expect.stringMatching(/^1 lines of .* nothing was taken out$/),
      })
      expect(await counts()).toEqual(NOTHING)
    })

    it('with fewer lines, or the same ones in other bytes', async () => {
      const rewritten = (from: number) =>
        changed(async () => {
          const lines: string[] = []
          for await (const batch of archiveFiles(dir).read(archiveName(DATE), DATE)) lines.push(...batch)
          await archiveFiles(dir).write(DATE, batches(lines.slice(from)))
          if (from === 0) await writeFile(path(), Buffer.concat([await readFile(path()), Buffer.alloc(1)]))
        })
      expect(await archived({}, rewritten(1))).toMatchObject({
        sentence: expect.stringMatching(/has 3 lines and 4 were written/),
      })
      expect(await archived({}, rewritten(0))).toMatchObject({
        sentence: expect.stringMatching(/was changed after it was written/),
      })
      expect(await counts()).toEqual(NOTHING)
    })
  })

  it('a disk that is full takes nothing out, and is told as the disk says it', async () => {
    const write = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
    }
    await expect(archived({}, { write })).rejects.toThrow('ENOSPC')
    expect(await counts()).toEqual(NOTHING)
  })

  it('says which months wait to be made small, when all days are done, and tries them again when nothing else is to do', async () => {
    const month = {
      name: 'orders_202601',
      bytes: 3_145_728,
      archivedAt: NOON,
      triedMs: 39_600,
      heldBy: 'session 7 (psql)',
    }
    const said: string[] = []
    const shrink: Archive['shrink'] = async (before, onWaiting) => {
      expect([before, await counts()]).toEqual([BEFORE, ALL])
      onWaiting(month)
      return [{ name: 'orders_202512', orders: 3, freedBytes: 1_024 }]
    }
    const deps = {
      onMonth: (one: ArchivedMonth) => void said.push(monthLine(one)),
      onMonthWaits: (one: WaitingMonth) => void said.push(waitingLine(one)),
    }
    const lines = [
      `orders_202601  waits to be made small: 3,145,728 bytes since ${new Date(NOON).toISOString()}; tried for 40 s, held by session 7 (psql). It is as it was, and the same command takes it up again`,
      'orders_202512  3 orders stay, 1,024 bytes are free',
    ]
    for (const days of [2, 0]) {
      expect(await archived({ shrink }, {}, deps)).toEqual({ kind: 'done', days })
      expect(said.splice(0)).toEqual(lines)
    }
  })

  it('the last day that may go is 31 days ago, whatever the time of the day', () => {
    const midnight = Date.parse('2026-12-22T00:00:00+08:00')
    expect([archivableBefore(midnight - 1), archivableBefore(midnight)]).toEqual(['2026-11-20', '2026-11-21'])
  })
})

async function* batches(...all: string[][]) {
  yield* all
}

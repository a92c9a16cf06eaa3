import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { archiveDays } from '../../../../server/flow/archive/archive'
import { type AuditReport, audit } from '../../../../server/flow/audit/audit'
import { ArchiveNeeded, type AuditDays } from '../../../../server/flow/ports'
import { archiveFiles, archiveName } from '../../../../server/store/archive-file'
import { sqlArchive } from '../../../../server/store/sql/archive/archive'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { takenBack } from '../../../support/taken-back'
import { KEY_ID, KEYS, SECRET } from '../audit/books'
import { DEEDS } from '../audit/desk-books'
import { DATE } from '../payment/ledger-orders'
import { LATER, longOver, NEXT_DAY, rowsOf } from './long-over'

/** Two days of a ledger in which everything has happened are in files; what the auditor says of them. */
describe.each(sqlEngines())('the audit of archived days, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let dir: string
  let before: AuditReport

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fapai-archived-'))
    engine = await start()
    sql = await engine.fresh()
    await longOver(sql)
    before = await look()
    const archive = sqlArchive(sql, DEEDS, { check: async () => {} })
    const deps = { archive, files: archiveFiles(dir), audited: async () => [], now: async () => LATER }
    expect(await archiveDays(deps, '2026-11-23')).toEqual({ kind: 'done', days: 2 })
  })
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true })
    await engine?.stop()
  })

  const look = (archives?: string, days?: AuditDays, on = sql) =>
    audit({
      books: sqlAudit(on, KEYS),
      campaignSecret: (_, keyId = null) => (keyId === null || keyId === KEY_ID ? SECRET : undefined),
      archives: archives === undefined ? undefined : archiveFiles(archives),
      days,
    })
  const faultsOf = ({ violations }: AuditReport) =>
    violations.flatMap(({ code, faults }) => faults.map(({ subject, detail }) => `${code} ${subject}: ${detail}`))
  const codesOf = ({ violations }: AuditReport) => violations.map(({ code }) => code)

  /** What the audit finds with one of the files as somebody made it. */
  async function withFile(date: string, change: (lines: string[]) => string[]): Promise<AuditReport> {
    const other = await mkdtemp(join(tmpdir(), 'fapai-changed-'))
    try {
      for (const one of [DATE, NEXT_DAY]) await copyFile(join(dir, archiveName(one)), join(other, archiveName(one)))
      const path = join(other, archiveName(date))
      const lines = gunzipSync(await readFile(path))
        .toString()
        .trimEnd()
        .split('\n')
      await writeFile(path, gzipSync(`${change(lines).join('\n')}\n`))
      return await look(other)
    } finally {
      await rm(other, { recursive: true, force: true })
    }
  }

  it('names a day that nobody has reconciled, and none that somebody passed over for the archive', () =>
    takenBack(sql, async (inside) => {
      const run = rowsOf(inside)
      await run(`update reconciliations set matched_at = null, result = null where statement_date = '${DATE}'`)
      const named = async () =>
        (await look(dir, { from: DATE, to: DATE }, inside)).pending.find(({ kind }) => kind === 'days-to-reconcile')
          ?.named
      expect(await named()).toEqual([DATE])
      const deed = { at: LATER, username: 'root', action: 'ledger.pass-over', subject: `ledger/${DATE}` }
      const passOver = (days: string[]) =>
        inside.transaction((tx) => DEEDS.write(tx, { ...deed, after: { days, reason: 'begun in the middle' } }))
      await passOver([`alipay/${DATE}`, NEXT_DAY])
      expect(await named()).toEqual([DATE])
      await passOver([DATE])
      expect(await named()).toEqual([])
    }))

  it('without the files: nothing differs in the ledger, and it says which days it didn’t look at', async () => {
    const report = await look()
    expect(faultsOf(report)).toEqual([])
    expect(report.skipped).toContainEqual(
      expect.objectContaining({
        what: `days in files, up to ${NEXT_DAY}`,
        count: 2,
        reason: expect.stringContaining('--archives'),
      }),
    )
    expect(report.looked.orders).toBeLessThan(before.looked.orders)
  })

  it('with the files: nothing differs in them either, and every order is looked at', async () => {
    const report = await look(dir)
    expect([before.violations, faultsOf(report), report.unread]).toEqual([[], [], []])
    expect(report.skipped.filter(({ reason }) => reason.includes('--archives'))).toEqual([])
    expect(report.looked.orders).toBeGreaterThanOrEqual(before.looked.orders)
  })

  it('a day by itself: with its file as without anything archived; without it, it says which it needs', async () => {
    for (const date of [DATE, NEXT_DAY, '2026-11-23', '2026-11-24'])
      expect([date, faultsOf(await look(dir, { from: date, to: date }))]).toEqual([date, []])
    expect(faultsOf(await look(dir, { from: DATE, to: '2026-11-24' }))).toEqual([])
    const without = look(undefined, { from: DATE, to: DATE })
    await expect(without).rejects.toThrow(ArchiveNeeded)
    await expect(without).rejects.toThrow(archiveName(DATE))
  })

  it('a file that isn’t there is no violation: nobody knows what it says', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'fapai-none-'))
    const report = await look(empty)
    await rm(empty, { recursive: true })
    expect(codesOf(report)).toEqual([])
    expect(report.unread.map(({ date }) => date)).toEqual([DATE, NEXT_DAY])
    expect(report.unread[0]!.reason).toMatch(/orders-2026-11-21\.jsonl\.gz isn’t there/)
  })

  const changed: [what: string, codes: string[], change: (lines: string[]) => string[]][] = [
    ['it was only compressed anew', ['archive-differs'], (lines) => lines],
    [
      'an amount is another',
      ['archive-differs', 'not-as-chained'],
      (lines) => lines.map((line) => line.replace(/"amount_fen":(\d+)/, (_, fen) => `"amount_fen":${Number(fen) + 1}`)),
    ],
    [
      'money went to another account',
      ['archive-differs', 'not-as-chained', 'postings-wrong'],
      (lines) => lines.map((line) => line.replace(/("postings":\[\{[^\]]*?"account":")[^"]+/, '$1mine')),
    ],
    [
      'what the channel said is spelt in another way',
      ['archive-differs', 'not-as-chained'],
      (lines) => lines.map((line) => line.replace('"n":1e+21', '"n": 1e+21').replace('"n":1e21', '"n": 1e21')),
    ],
    [
      'an order isn’t there any more, and its last line says so',
      ['archive-differs', 'not-as-chained'],
      (lines) => {
        const orders = lines.filter((line) => line.startsWith('{"kind":"order"'))
        return lines
          .filter((line) => line !== orders[0])
          .map((line) => line.replace(`"orders":${orders.length}`, `"orders":${orders.length - 1}`))
      },
    ],
    ['it ends before its end', ['archive-differs'], (lines) => lines.slice(0, -2)],
    [
      'it is another day’s',
      ['archive-differs'],
      (lines) => lines.map((line) => line.replace(`"date":"${DATE}"`, '"date":"2026-11-20"')),
    ],
  ]
  it.each(changed)('sees of a file that %s', async (_, codes, change) => {
    const found = codesOf(await withFile(DATE, change))
    expect(found).toEqual(expect.arrayContaining(codes))
    expect(found).not.toEqual([])
  })

  const inside: [what: string, codes: string[], text: string, archives: boolean][] = [
    [
      'an order was put among the archived ones, in no file',
      ['not-as-chained'],
      `delete from order_events where order_no = (select min(order_no) from refunds);
       delete from orders where order_no = (select min(order_no) from refunds)`,
      true,
    ],
    [
      'a day is archived by nobody',
      ['archive-differs'],
      `insert into archived_days select date '2026-11-23', 'x', sha256, bytes, orders, 1 from archived_days limit 1`,
      false,
    ],
    [
      'an archive is another file',
      ['archive-differs'],
      `update archived_days set sha256 = repeat('0', 64) where business_date = '${DATE}'`,
      false,
    ],
    [
      'that a day was archived is forgotten',
      ['archive-differs'],
      `delete from archived_days where business_date = '${NEXT_DAY}'`,
      false,
    ],
    [
      'a merchant’s archived day is larger',
      ['archived-sums-wrong'],
      `update archived_merchant_days set amount_fen = amount_fen + 1`,
      false,
    ],
    ['a merchant’s archived day is gone', ['archived-sums-wrong'], `delete from archived_merchant_days`, false],
    [
      'an order that stayed is another',
      ['not-as-chained'],
      `update orders set created_at = created_at - 1 where order_no = (select min(order_no) from refunds)`,
      true,
    ],
    [
      'a payer’s day is put back with more',
      ['payer-day-wrong'],
      `insert into payer_days (payer_id, channel, business_date, spent_fen) select payer_id, channel, '${DATE}', 1 from orders where business_date = '${DATE}' limit 1 on conflict (payer_id, channel, business_date) do update set spent_fen = 1`,
      true,
    ],
  ]
  it.each(inside)('sees in the ledger that %s', (_, codes, text, archives) =>
    takenBack(sql, async (on) => {
      const run = rowsOf(on)
      await run('set local session_replication_role = replica')
      for (const one of text.split(';')) await run(one)
      await run('set local session_replication_role = origin')
      expect(codesOf(await look(archives ? dir : undefined, undefined, on))).toEqual(expect.arrayContaining(codes))
    }),
  )

  it('what is in a file and still in the ledger is looked at as the ledger has it', () =>
    takenBack(sql, async (on) => {
      const run = rowsOf(on)
      const line = gunzipSync(await readFile(join(dir, archiveName(DATE))))
        .toString()
        .split('\n')
        .find((one) => one.startsWith('{"kind":"order"') && !one.includes('\\u0000') && !one.includes('"noted"'))!
      await run('set local session_replication_role = replica')
      for (const [table, field] of [
        ['orders', 'order'],
        ['order_events', 'events'],
        ['postings', 'postings'],
        ['idempotency_keys', 'keys'],
        ['statement_lines', 'lines'],
      ] as const) {
        const rows = [JSON.parse(line)[field]].flat()
        for (const row of rows)
          await run(
            `insert into ${table} overriding system value select r.* from json_populate_record(null::${table}, $1::json) r on conflict do nothing`,
            [JSON.stringify(row)],
          )
      }
      await run('set local session_replication_role = origin')
      expect(codesOf(await look(dir, { from: DATE, to: DATE }, on))).toEqual([])
    }))
})

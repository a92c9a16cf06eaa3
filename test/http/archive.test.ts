import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../harness/command'
import { startTestLedger, type TestLedger } from '../../harness/ledger'
import { generateBankKeys } from '../../server/channel/bank/sign'
import type { OperatorRecord } from '../../server/flow/ports'
import { archiveName } from '../../server/store/archive-file'
import { sqlOperators } from '../../server/store/sql/operator/operators'
import { fewOrders, LATER, NEXT_DAY } from '../store/sql/archive/long-over'
import { DEEDS } from '../store/sql/audit/desk-books'
import { DATE } from '../store/sql/payment/ledger-orders'

const KEYS = generateBankKeys()
const MASTER_KEY = '07'.repeat(32)

const NOBODY: Omit<OperatorRecord, 'username' | 'roles'> = {
  ...{ name: '王工', branchCode: null, passwordHash: 'hash', mustChangePassword: false, oidcSubject: null },
  ...{ disabledAt: null, lockedUntil: null, secondFactorSince: null, createdAt: LATER, lastLoginAt: null },
}

/** `npm run archive` as who looks after the ledger runs it. */
describe('npm run archive', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-archive-'))
  const to = mkdtempSync(join(tmpdir(), 'fapai-archive-to-'))
  let ledger: TestLedger
  beforeAll(async () => {
    ledger = await startTestLedger(dataDir)
    await ledger.work(async (sql) => {
      await fewOrders(sql)
      for (const [username, role] of [
        ['root', 'admin'],
        ['auditor', 'auditor'],
      ] as const)
        await sqlOperators(sql, DEEDS).add(
          { ...NOBODY, username, roles: [role] },
          { at: LATER, username: 'system', action: 'operator.add', subject: `operator/${username}` },
        )
    })
  })
  afterAll(async () => {
    await ledger?.stop()
    for (const dir of [dataDir, to]) rmSync(dir, { recursive: true, force: true })
  })

  const run = (...args: string[]) => runTool('archive', args)
  const runTool = (tool: string, args: string[], more: NodeJS.ProcessEnv = {}) =>
    runCommand(tool, args, {
      ...{ DATA_DIR: dataDir, ...ledger.env, MASTER_KEY, BANK_URL: 'http://127.0.0.1:9', BANK_KEY_ID: 'k' },
      ...{ BANK_PRIVATE_KEY: KEYS.client.privateKey, BANK_PUBLIC_KEY: KEYS.bank.publicKey },
      // A month after the orders, whatever the day of the test.
      CLOCK_SHIFT_MS: String(LATER - Date.now()),
      ...more,
    })

  const clumsy: [what: string, args: () => string[], says: RegExp][] = [
    ['no options', () => [], /^usage: /],
    ['a date there isn’t', () => ['--before', '2026-02-30', '--to', to], /^--before 2026-02-30 is no date/],
    [
      'a folder that isn’t there',
      () => ['--before', NEXT_DAY, '--to', join(to, 'none')],
      /none is no folder that is there$/,
    ],
    [
      'a day that is too young',
      () => ['--before', '2026-12-20', '--to', to],
      /^--before 2026-12-20 is later than 2026-11-30: a day is archived 31 days after it$/,
    ],
    [
      'days passed over by nobody',
      () => ['--before', NEXT_DAY, '--to', to, '--passed-over', 'begun in the middle'],
      /^--passed-over REASON and --by NAME go together: the log has both$/,
    ],
    [
      'days passed over without a reason',
      () => ['--before', NEXT_DAY, '--to', to, '--passed-over', ' ', '--by', 'root'],
      /^--passed-over REASON and --by NAME go together: the log has both$/,
    ],
    [
      'days passed over by who is no administrator',
      () => ['--before', NEXT_DAY, '--to', to, '--passed-over', 'begun in the middle', '--by', 'auditor'],
      /^--by auditor is no administrator of the whole bank, or is disabled$/,
    ],
  ]
  it.each(clumsy)('refuses %s', async (_, args, says) => {
    const { code, stdout, stderr } = await run(...args())
    expect(stderr.trim()).toMatch(says)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('refuses a folder it can’t write to', async () => {
    chmodSync(to, 0o500)
    const { code, stderr } = await run('--before', NEXT_DAY, '--to', process.getuid?.() === 0 ? '/proc' : to)
    chmodSync(to, 0o700)
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  it('finds counts put right by npm run recount, as long as nothing is archived', async () => {
    await ledger.work((sql) => sql.pool.query('update day_totals set orders = 9'))
    expect(await runTool('recount', [])).toEqual({
      code: 0,
      stdout: 'Counted 2 days anew: 2 counts.\n',
      stderr: '',
    })
    const { rows } = await ledger.work((sql) => sql.pool.query('select orders from day_totals order by business_date'))
    expect(rows).toEqual([{ orders: 3 }, { orders: 1 }])
  })

  it('says what stands in the way of a day, and takes nothing out', async () => {
    await ledger.work((sql) => sql.pool.query('update outbox_pruned set before_at = 1'))
    const { code, stdout, stderr } = await run('--before', NEXT_DAY, '--to', to)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^2026-11-21 can’t be archived yet:\n {2}the outbox isn’t pruned up to \S+ \(npm run prune\)\n$/,
    )
    await ledger.work((sql) => sql.pool.query(`update outbox_pruned set before_at = ${LATER}`))
  })

  it('takes nothing out of a ledger in which the audit differs', async () => {
    await ledger.work((sql) => sql.pool.query('update payer_days set spent_fen = spent_fen + 1'))
    const { code, stderr } = await run('--before', NEXT_DAY, '--to', to)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: '2026-11-21 isn’t archived: the audit finds payer-day-wrong (npm run audit says where)\n',
    })
    expect(readdirSync(to)).toEqual([])
    await ledger.work((sql) => sql.pool.query('update payer_days set spent_fen = spent_fen - 1'))
  })

  it('waits with packing of books for the end of an upgrade, which somebody may want to go back from', async () => {
    // The embedded ledger's upgrades end by themselves.
    if (!ledger.env.DATABASE_URL) return expect(ledger.database).toBeUndefined()
    const noted = `insert into kysely_migration (name, timestamp, breaks) values ('0101-keys-and-days-go', '', true)`
    await ledger.work((sql) => sql.pool.query(`delete from kysely_migration where name = '0101-keys-and-days-go'`))
    const { code, stdout, stderr } = await runTool('prune', ['--pack', '--books'])
    await ledger.work((sql) => sql.pool.query(noted))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/until the upgrade is ended \(fapai migrate --contract\)\.\n$/)
    expect(stdout).not.toMatch(/Packed events/)
  })

  it('finds what `npm run prune -- --pack --books` packed', async () => {
    const { code, stdout, stderr } = await runTool('prune', ['--all', '--pack', '--books'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /Packed events and postings of 0 orders, of days that are sealed\.\nPacked 0 lines of statements that are reconciled\.\n$/,
    )
    const { rows } = await ledger.work((sql) =>
      sql.pool.query('select count(distinct order_no)::int as n from packed_events'),
    )
    expect(rows).toEqual([{ n: 4 }])
  })

  it('says what of a day can’t be mended any more, and goes on by an administrator’s word', async () => {
    const unmatched = `update reconciliations set matched_at = null, result = null where statement_date = '${DATE}'`
    await ledger.work((sql) => sql.pool.query(unmatched))
    const { code, stderr } = await run('--before', NEXT_DAY, '--to', to)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `2026-11-21 can’t be archived yet:\n  never reconciled, and later days of the channel are: ${DATE} (--passed-over, docs/OPERATIONS.md#archiving)\n`,
    })
    expect(readdirSync(to)).toEqual([])
  })

  it('archives, says of each day what went, and has nothing more to do', async () => {
    writeFileSync(join(to, `${archiveName(DATE)}.part`), 'of a crash')
    const passedOver = ['--passed-over', 'begun in the middle', '--by', 'root']
    const { code, stdout, stderr } = await run('--before', '2026-11-23', '--to', to, ...passedOver)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^2026-11-21 {2}3 orders, [\d,]+ bytes, \d+ an order; taken out 3; 0 stay\n2026-11-22 {2}1 orders, .*\nArchived 2 days\.\n$/,
    )
    expect(readdirSync(to).sort()).toEqual([archiveName(DATE), archiveName(NEXT_DAY)])
    const deeds = `select username, after from operator_actions where action = 'ledger.pass-over'`
    const { rows } = await ledger.work((sql) => sql.pool.query(deeds))
    expect(rows).toEqual([{ username: 'root', after: { days: [DATE], reason: 'begun in the middle' } }])
    // In the environment of BFFs that go through a pooler, which would lend no session for as long as a day takes.
    const pooled = { DATABASE_POOLER: 'transaction' }
    const again = await runTool('archive', ['--before', '2026-11-23', '--to', to], pooled)
    expect(again).toEqual({ code: 0, stderr: '', stdout: 'There is nothing to archive before 2026-11-23.\n' })
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { runCommand } from '../../../harness/command'
import { startTestLedger, type TestLedger } from '../../../harness/ledger'
import { PATIENT } from '../../../harness/system'
import { sandboxKeys } from '../../../server/sandbox/keys'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { DATE, opened, paid, SUCCEEDED } from '../../store/sql/payment/ledger-orders'
import { archiveByHand } from '../../support/archived'

const NEXT = '2026-11-22'

/** Whoever counts or reconciles an archived day anew is told that there is nothing to do it with, and nothing is changed. */
describe('the tools of the command line, after a day was archived', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-archived-'))
  let ledger: TestLedger
  beforeAll(async () => {
    sandboxKeys(dataDir)
    ledger = await startTestLedger(dataDir)
    await ledger.work(async (sql) => {
      const books = sqlLedger(sql)
      const [one, two] = [await opened(books), await opened(books, { businessDate: NEXT })]
      for (const order of [one, two]) await books.endOrder(order, paid(order), SUCCEEDED)
      await archiveByHand(sql, DATE, [one])
    })
  })
  afterAll(async () => {
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const runIn = (env: NodeJS.ProcessEnv, name: string, ...args: string[]) =>
    runCommand(name, args, { ...PATIENT, DATA_DIR: dataDir, ...ledger.env, ...env })
  const run = (name: string, ...args: string[]) => runIn({}, name, ...args)
  const query = (text: string) => ledger.work(async (sql) => (await sql.db.executeQuery(CompiledQuery.raw(text))).rows)
  const counts = () => query('select business_date, orders from day_totals order by 1')

  it.each([
    ['recount', ['--from', DATE], `--from ${DATE}: what is before ${NEXT} is archived, and its counts stay`],
    ['recount', ['--to', DATE], `--to ${DATE}: what is before ${NEXT} is archived, and its counts stay`],
    [
      'recount',
      ['--shares'],
      `--shares: what is before ${NEXT} is archived, and shares are counted from all orders there were`,
    ],
    ['reconcile', ['--date', DATE], `day-archived: the orders of ${DATE} are archived, and its books are closed`],
  ])('npm run %s -- %s is refused in a sentence', async (tool, args, says) => {
    const before = await counts()
    const { code, stdout, stderr } = await run(tool, ...args)
    expect({ code, stdout, stderr: stderr.trim() }).toEqual({ code: 2, stdout: '', stderr: says })
    expect(await counts()).toEqual(before)
  })

  it('npm run recount counts what isn’t archived, and says what it left; a pooler of the BFFs is none of its', async () => {
    await query('update day_totals set orders = 9')
    const { code, stdout } = await runIn({ DATABASE_POOLER: 'transaction' }, 'recount')
    expect([code, stdout]).toEqual([
      0,
      `Counted 1 days anew: 1 counts. What is before ${NEXT} is archived, and stays.\n`,
    ])
    expect(await counts()).toEqual([
      { business_date: DATE, orders: 9 },
      { business_date: NEXT, orders: 1 },
    ])
  })
})

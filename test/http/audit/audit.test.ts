import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../../harness/command'
import { startTestLedger, type TestLedger } from '../../../harness/ledger'
import { statementAdmin } from '../../../harness/statements'
import { PATIENT } from '../../../harness/system'
import { TODAY } from '../../../harness/today'
import { TYPESCRIPT } from '../../../harness/typescript'
import { addDays } from '../../../server/domain/business-date'
import type { AuditReport } from '../../../server/flow/audit/audit'
import { startSandboxBank, startSandboxBff } from '../../../server/sandbox/system'
import { lockDir } from '../../../server/store/dir-lock'

const run = (name: string, dataDir: string, ...args: string[]) =>
  runCommand(name, args, { DATA_DIR: dataDir, ...ledger?.env })
let ledger: TestLedger | undefined

async function pay(url: string, name: string): Promise<void> {
  const post = async (path: string, body: unknown, token?: string) => {
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': `${name}-key-00000000`,
      ...(token && { Authorization: `Bearer ${token}` }),
    }
    const reply = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await reply.json()) as { token: string; quoteId: string; state: string }
  }
  const { token } = await post('/api/session', { platform: 'browser', code: name })
  const { quoteId } = await post('/api/quotes', { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }, token)
  const { state } = await post('/api/orders', { quoteId }, token)
  if (state !== 'paid') throw new Error(`the order of ${name} is ${state}`)
}

/** `npm run audit` on the sandbox as an operator has it: pay, stop, reconcile, audit. */
describe('npm run audit', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-audit-'))

  beforeAll(async () => {
    ledger = await startTestLedger(dataDir)
    const bank = await startSandboxBank(dataDir, { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' })
    const env = {
      ...process.env,
      ...TYPESCRIPT,
      ...PATIENT,
      ...ledger.env,
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: '0',
      RECONCILE_AT: 'off',
      SANDBOX_EASY: 'on',
    }
    const bff = await startSandboxBff(dataDir, bank.url, env)
    try {
      for (const name of ['payer-1', 'payer-2']) await pay(bff.said.url, name)
      const admin = statementAdmin(bank.url, bank.adminToken)
      for (const date of [TODAY, addDays(TODAY, 1)]) await admin.cut(date)
    } finally {
      await bff.stop()
      await bank.child.stop()
    }
  })
  afterAll(async () => {
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('leaves an embedded ledger to the BFF that runs on it, and says so', async () => {
    mkdirSync(join(dataDir, 'ledger'), { recursive: true })
    const lock = await lockDir(dataDir, 'stores')
    const besideBff = await runCommand('audit', [], { DATA_DIR: dataDir })
    lock.release()
    expect(besideBff).toMatchObject({ code: 2, stdout: '' })
    expect(besideBff.stderr).toMatch(/in use by another process[\s\S]*npm start/)
  })

  it('finds nothing in a day as it was lived and reconciled, the bank asked again', async () => {
    expect(await run('reconcile', dataDir, '--date', TODAY)).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await run('audit', dataDir, '--bank')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    // In the last hour of a day the next day’s are there as well.
    expect(stdout).toMatch(/^Looked at 1 campaigns, (20|40) decks, 2 orders, 0 refunds, .* 1 reconciled statements\.\n/)
    expect(stdout).toContain('Nothing differs.')
  })

  it('gives the same as JSON, without a bank', async () => {
    const { code, stdout } = await run('audit', dataDir, '--json')
    expect(code).toBe(0)
    const report = JSON.parse(stdout) as AuditReport
    expect(report).toMatchObject({ looked: { orders: 2, statements: 1 }, violations: [], unfetched: [] })
  })

  it('looks at one day alone, and refuses what is none', async () => {
    const day = await run('audit', dataDir, '--date', TODAY, '--json')
    expect(day.code).toBe(0)
    expect(JSON.parse(day.stdout)).toMatchObject({ looked: { orders: 2, campaigns: 0 }, violations: [], unread: [] })
    expect((await run('audit', dataDir, '--date', addDays(TODAY, -9))).stdout).toMatch(
      / 0 orders[\s\S]*Nothing differs/,
    )
    for (const [args, sentence] of [
      [['--date', 'yesterday'], '--date yesterday is no date'],
      [['--date', '2026-02-30'], '--date 2026-02-30 is no date'],
      [['--from', TODAY], '--from and --to go together'],
      [['--from', TODAY, '--to', addDays(TODAY, -1)], 'is before --from'],
      [['--date', TODAY, '--to', TODAY], 'not both'],
      [['--archives', '/nowhere'], '--archives /nowhere is no folder'],
    ] as const)
      expect(await run('audit', dataDir, ...args)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(sentence),
      })
  })

  it('finds nothing after the outbox was pruned either, and prunes nothing twice', async () => {
    expect(await run('prune', dataDir, '--days', '0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--days is a whole number'),
    })
    const young = await run('prune', dataDir)
    expect(young).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Pruned 0 rows, of what ended before /) })
    expect((await run('prune', dataDir, '--all')).stdout).toMatch(/^Pruned 2 rows, /)
    expect((await run('prune', dataDir, '--all', '--pack')).stdout).toMatch(
      /^Pruned 0 rows, .*\nPacked what was sent and answered of \d orders, of days before \d{4}-\d\d-\d\d\.\nPruned \d packed keys, of orders opened before \S+Z\.\n$/,
    )
    expect((await run('audit', dataDir)).stdout).toContain('Nothing differs.')
  })

  it('names what somebody changed behind its back, and says so by its exit code', async () => {
    await ledger!.work(({ db }) => db.updateTable('payer_days').set({ spent_fen: 0 }).execute())
    const { code, stdout } = await run('audit', dataDir)
    expect(code).toBe(1)
    expect(stdout).toContain('\nI10 payer-day-wrong: 2\n  payer day ')
    expect(stdout).toContain(`/${TODAY}/bank: should be 10000, is 0\n`)
    expect(stdout).toMatch(/\n2 violations\.\n$/)
  })

  it('does not make a sandbox where there is none', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'fapai-empty-'))
    expect(await run('audit', empty)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no sandbox in'),
    })
    rmSync(empty, { recursive: true })
  })
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../../harness/command'
import { startTestLedger, type TestLedger } from '../../../harness/ledger'
import { statementAdmin } from '../../../harness/statements'
import { PATIENT } from '../../../harness/system'
import { TODAY } from '../../../harness/today'
import { TYPESCRIPT } from '../../../harness/typescript'
import { addDays } from '../../../server/domain/business-date'
import type { OrderView } from '../../../server/http/contract'
import { startSandboxBank, startSandboxBff } from '../../../server/sandbox/system'
import { lockDir } from '../../../server/store/dir-lock'

/** `npm run reconcile` on the sandbox as an operator has it: pay, stop, reconcile, read. */
describe('npm run reconcile', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-reconcile-'))
  const out = join(dataDir, 'reports')
  const quiet = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    RECONCILE_AT: 'off',
    CARRY_OVER_MINUTES: '0',
    SANDBOX_EASY: 'on',
  }
  const env = { ...process.env, ...TYPESCRIPT, ...PATIENT, ...quiet }
  const orders: OrderView[] = []
  let ledger: TestLedger

  /** Runs the sandbox for a while. */
  async function running(work: (url: string, bank: ReturnType<typeof statementAdmin>) => Promise<void>) {
    const bank = await startSandboxBank(dataDir, { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' })
    const bff = await startSandboxBff(dataDir, bank.url, { ...env, ...ledger.env })
    try {
      await work(bff.said.url, statementAdmin(bank.url, bank.adminToken))
    } finally {
      await bff.stop()
      await bank.child.stop()
    }
  }

  const reconcile = (...args: string[]) =>
    runCommand('reconcile', args, { ...PATIENT, ...quiet, DATA_DIR: dataDir, ...ledger.env })

  async function pay(url: string, name: string): Promise<void> {
    const post = async (path: string, body: unknown, token?: string) => {
      const headers = {
        'Content-Type': 'application/json',
        'Idempotency-Key': `${name}-key-00000000`,
        ...(token && { Authorization: `Bearer ${token}` }),
      }
      const reply = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await reply.json()) as { token: string; quoteId: string }
    }
    const { token } = await post('/api/session', { platform: 'browser', code: name })
    const { quoteId } = await post('/api/quotes', { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }, token)
    orders.push((await post('/api/orders', { quoteId }, token)) as unknown as OrderView)
  }

  beforeAll(async () => {
    ledger = await startTestLedger(dataDir)
    await running(async (url, bank) => {
      for (const name of ['payer-1', 'payer-2', 'payer-3']) await pay(url, name)
      const [twice, gone] = orders as [OrderView, OrderView]
      await bank.faults({ mode: 'book-twice', orderNo: twice.orderNo }, { mode: 'leave-out', orderNo: gone.orderNo })
      await bank.cut(TODAY)
      await bank.cut(addDays(TODAY, 1))
    })
  })
  afterAll(async () => {
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('prints the differences it found, writes a report to sign, and says so by its exit code', async () => {
    const { code, stdout, stderr } = await reconcile('--date', TODAY, '--out', out)
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`reconciliation-${TODAY}.csv`) })
    expect(stdout).toContain('不平，2 笔差错待处理')
    expect(stdout).toMatch(/重复入账 `booked-twice`/)
    expect(stdout).toContain('- 本日：平账 2 笔')
    expect(stdout).toContain('复核：____')
    expect(readFileSync(join(out, `reconciliation-${TODAY}.md`), 'utf8')).toBe(stdout)
    const csv = readFileSync(join(out, `reconciliation-${TODAY}.csv`), 'utf8')
      .trimEnd()
      .split('\r\n')
    expect(csv).toHaveLength(3)
    expect(csv[1]).toContain(`"${orders[0]!.orderNo}"`)
    expect(csv[2]).toContain(`"${orders[1]!.orderNo}"`)
  })

  it('found the missing line at once, and says so in JSON too; the next day is balanced', async () => {
    const { code, stdout } = await reconcile('--date', TODAY, '--json')
    expect(code).toBe(1)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({
      settled: false,
      result: { proven: true },
      says: { carried: { count: 0 }, waiting: { count: 1 }, short: { count: 1 } },
    })
    expect(report.differences).toContainEqual(
      expect.objectContaining({ class: 'short', orderNo: orders[1]!.orderNo, state: 'open' }),
    )
    expect((await reconcile('--date', addDays(TODAY, 1))).code).toBe(0)
  })

  it('ends with 2 and a reason when the bank has not cut the day', async () => {
    const { code, stderr } = await reconcile('--date', addDays(TODAY, 2))
    expect(code).toBe(2)
    expect(stderr.trim()).toMatch(/^statement-not-ready: /)
  })

  it('ends with 2 where a BFF runs on the embedded ledger, and with 2 for what is no date', async () => {
    expect((await reconcile('--date', '2026-02-30')).code).toBe(2)
    const lock = await lockDir(dataDir, 'stores')
    const { code, stderr } = await runCommand('reconcile', ['--date', TODAY], { DATA_DIR: dataDir })
    lock.release()
    expect(code).toBe(2)
    expect(stderr).toContain('Stop it for this')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { runCommand } from '../../../harness/command'
import { startTestLedger, type TestLedger } from '../../../harness/ledger'
import { TYPESCRIPT } from '../../../harness/typescript'
import type { OperatorSession } from '../../../server/http/contract'
import { sandboxKeys } from '../../../server/sandbox/keys'
import { startSandboxBank, startSandboxBff } from '../../../server/sandbox/system'
import { lockDir } from '../../../server/store/dir-lock'

const ROOT_OPERATOR = ['--username', 'root', '--name', '王工']

/** The first two administrators of a house come from the command line; there is no default password. */
describe('npm run operator', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-operator-'))
  let ledger: TestLedger
  beforeAll(async () => {
    sandboxKeys(dataDir)
    ledger = await startTestLedger(dataDir)
  })
  afterAll(async () => {
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const run = (name: string, args: string[], more: NodeJS.ProcessEnv = {}) =>
    runCommand(name, args, { DATA_DIR: dataDir, ...ledger.env, ...more })
  const operator = (...args: string[]) => run('operator', args)
  const passwordIn = (stdout: string) => /password of root: (\S+)\n/.exec(stdout)![1]!
  let password: string

  it('makes an administrator of an empty house, and tells a one-time password on the terminal alone', async () => {
    const { code, stdout, stderr } = await operator(...ROOT_OPERATOR)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^One-time password of root: ([a-z2-9]{4}-){3}[a-z2-9]{4}\nIt must be changed/)
    expect(await operator(...ROOT_OPERATOR)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^there is an operator root/),
    })
    password = passwordIn((await operator('--username', 'root', '--reset')).stdout)
    expect(password).not.toBe(passwordIn(stdout))
  })

  it.each([
    ['nothing said', [], /^usage: /],
    ['another role', ['--username', 'x1', '--name', 'x', '--roles', 'maker'], /roles/],
    ['a name that is none', ['--username', 'X 1', '--name', 'x'], /username/],
    ['nobody to reset', ['--username', 'x1', '--reset'], /there is no operator x1/],
  ])(
    'refuses %s',
    async (_, args, why) => {
      const { code, stdout, stderr } = await operator(...args)
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(why) })
    },
    300_000,
  )

  it('adds a second one, and then no more: they let the others in', async () => {
    expect(await operator('--username', 'root2', '--name', '李工')).toMatchObject({ code: 0 })
    expect(await operator('--username', 'root3', '--name', '赵工')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^there are two administrators/),
    })
  })

  it('gives one who is disabled no password that would open nothing, and takes no second factor of theirs', async () => {
    const disable = (at: string) =>
      ledger.work(({ db }) =>
        db.executeQuery(CompiledQuery.raw(`update operators set disabled_at = ${at} where username = 'root2'`)),
      )
    await disable('1')
    for (const flag of ['--reset', '--drop-second-factor'])
      expect(await operator('--username', 'root2', flag)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^root2 is .*disabled/),
      })
    await disable('null')
  })

  it('makes no house where there is none', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'fapai-empty-'))
    const refused = await run('operator', ROOT_OPERATOR, { DATA_DIR: empty })
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^there is no sandbox in/) })
    rmSync(empty, { recursive: true })
  })

  it('leaves an embedded ledger to the BFF that runs on it', async () => {
    const lock = await lockDir(dataDir, 'stores')
    const refused = await runCommand('operator', ROOT_OPERATOR, { DATA_DIR: dataDir })
    lock.release()
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('npm start') })
  })

  it('gives a password that opens its change, and the sandbox’s four aren’t there', async () => {
    const { SANDBOX_PASSWORD: _, ...rest } = process.env
    const quiet = { NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0' }
    const bank = await startSandboxBank(dataDir, { ...rest, ...TYPESCRIPT })
    const bff = await startSandboxBff(dataDir, bank.url, { ...rest, ...TYPESCRIPT, ...quiet, ...ledger.env })
    try {
      const post = async (path: string, body: unknown, token?: string) => {
        const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
        const reply = await fetch(bff.said.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
        return { status: reply.status, body: (await reply.json()) as OperatorSession }
      }
      expect((await post('/admin/session', { username: 'admin', password: 'sandbox-password' })).status).toBe(401)
      const first = await post('/admin/session', { username: 'root', password })
      expect(first.body.operator).toMatchObject({ mustChangePassword: true, roles: ['admin'] })
      const changed = await post('/admin/password', { current: password, next: 'a-password-of-mine' }, first.body.token)
      expect(changed.body.operator.mustChangePassword).toBe(false)
    } finally {
      await bff.stop()
      await bank.child.stop()
    }
  })

  it('leaves a log that npm run audit checks, and in which it names what was changed', async () => {
    const clean = await run('audit', [])
    expect(clean).toMatchObject({ code: 0, stdout: expect.stringMatching(/, [4-9] actions of operators, /) })
    const tampered = [
      'drop trigger operator_actions_append_only on operator_actions',
      "update operator_actions set username = 'somebody' where action_id = 2",
    ]
    await ledger.work(async ({ db }) => {
      for (const text of tampered) await db.executeQuery(CompiledQuery.raw(text))
    })
    const { code, stdout } = await run('audit', [])
    expect(code).toBe(1)
    expect(stdout).toContain(
      '\nlog action-log-broken: 1\n  action 2: is not what was written after the action before it\n\n1 violations.',
    )
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../harness/command'
import { databaseUrl, postgresMissing, startOwnPostgres, type TestSql } from '../../harness/sql'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { migrations } from '../../server/store/sql/migrations'

const KEYS = generateBankKeys()
const missing = postgresMissing()
if (missing) console.warn(missing)
const ROLE = 'fapai_upgraded'

/** `fapai migrate` as whoever upgrades runs it, on a ledger of before. */
;(missing ? describe.skip : describe)('fapai migrate', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-migrate-'))
  let engine: TestSql
  const run = (...args: string[]) =>
    runCommand('migrate', args, {
      ...{ DATA_DIR: dataDir, DATABASE_URL: databaseUrl(engine.connection()), MASTER_KEY: '07'.repeat(32) },
      ...{ BANK_URL: 'http://127.0.0.1:9', BANK_KEY_ID: 'k' },
      ...{ BANK_PRIVATE_KEY: KEYS.client.privateKey, BANK_PUBLIC_KEY: KEYS.bank.publicKey },
    })
  const waiting = Object.keys(migrations).filter((name) => migrations[name]!.contracts)

  beforeAll(async () => {
    engine = await startOwnPostgres()
    const sql = await engine.fresh()
    await sql.pool.query(`drop schema public cascade; create schema public; create role ${ROLE} login`)
    const isOfBefore = ([name]: [string, unknown]) => name < '0094'
    await sql.migrate({ steps: Object.fromEntries(Object.entries(migrations).filter(isOfBefore)) })
  })
  afterAll(async () => {
    await engine?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('says what waits until no older version runs any more, and how it is told so', async () => {
    const { code, stdout } = await run()
    expect(code).toBe(0)
    expect(stdout).toContain(
      `${waiting.join(', ')}: once no older version runs any more, and none is to come back: fapai migrate --contract\n`,
    )
    expect((await run()).stdout).toMatch(/^The schema is this version’s: 0 migrations were applied\.\n/)
  })

  it('ends the upgrade when it is told to, and gives its role what came with that', async () => {
    const { code, stdout, stderr } = await run('--contract', '--grant', ROLE)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `The schema is this version’s: ${waiting.length} migrations were applied.\n${ROLE} may read and write it, and change nothing of it.\n`,
    })
    for (const name of waiting) expect(stderr).toContain(name)
    expect((await run()).stdout).toBe('The schema is this version’s: 0 migrations were applied.\n')
  })
})

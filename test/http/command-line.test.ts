import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../harness/command'
import { generateBankKeys } from '../../server/channel/bank/sign'

const KEYS = generateBankKeys()
/** A port that nobody listens on: the discard service's. */
const NOBODY = 'postgres://u:p@127.0.0.1:9/none'

/** Whoever types something wrong is told so in a sentence, with exit code 2 and without a stack. */
describe('the tools of the command line', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-command-'))
  const file = join(dataDir, 'deck.json')
  beforeAll(() => writeFileSync(file, '{"seed":'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  const run = (tool: string, args: string[], more: NodeJS.ProcessEnv) =>
    runCommand(tool, args, { DATA_DIR: dataDir, ...more })

  const cases: [name: string, tool: string, args: string[], says: RegExp, env?: NodeJS.ProcessEnv][] = [
    ['an option there isn’t', 'reconcile', ['--dato', '2026-11-20'], /^Unknown option '--dato'$/],
    ['an option without its value', 'prune', ['--days'], /^Option '--days <value>' argument missing$/],
    ['a stray word', 'audit', ['bank'], /^Unexpected argument 'bank'/],
    ['a value for a switch', 'audit', ['--json=yes'], /^Option '--json' does not take an argument$/],
    ['a date there isn’t', 'reconcile', ['--date', '2026-02-30'], /^--date 2026-02-30 is no date/],
    ['a year of no calendar of ours', 'deal', ['--date', '0000-01-01'], /^--date 0000-01-01 is no date/],
    ['a channel nobody knows', 'reconcile', ['--channel', 'cash'], /^--channel cash is none of bank,/],
    ['a number of days that is none', 'prune', ['--days', 'NaN'], /^--days is a whole number/],
    ['a date that isn’t one', 'recount', ['--to', '2026-11-31'], /^--to 2026-11-31 is no date$/],
    [
      'dates the wrong way round',
      'recount',
      ['--from', '2026-11-02', '--to', '2026-11-01'],
      /^--to 2026-11-01 is before/,
    ],
    ['two options that exclude each other', 'prune', ['--all', '--days', '3'], /^--days or --all/],
    ['books without papers', 'prune', ['--books'], /^--books goes with --pack/],
    ['no sandbox where one is looked for', 'deal', [], /^there is no sandbox in /],
    ['an operator without a name', 'operator', [], /^usage: /],
    ['a file that is no JSON', 'verify-deck', ['--file', file], /deck\.json: /],
    ['a file that isn’t there', 'verify-deck', ['--file', join(dataDir, 'none')], /^.*none: ENOENT/],
    ['an address that is none', 'verify-deck', ['--campaign', 'c', '--merchant', 'm', '--url', 'nonsense'], /nonsense/],
    ['options where there are none', 'start', ['--port', '80'], /^Unknown option '--port'$/],
    ['pages of no platform', 'build-pages', ['tv'], /^say one of /],
    ['a faulty environment', 'prune', [], /MASTER_KEY/, { MASTER_KEY: 'short' }],
    [
      'a database that is away',
      'prune',
      [],
      /^the ledger cannot be reached: /,
      {
        ...{ MASTER_KEY: '07'.repeat(32), DATABASE_URL: NOBODY, BANK_URL: 'http://127.0.0.1:9' },
        ...{ BANK_KEY_ID: 'k', BANK_PRIVATE_KEY: KEYS.client.privateKey, BANK_PUBLIC_KEY: KEYS.bank.publicKey },
      },
    ],
  ]
  it.each(cases)('%s', async (_, tool, args, says, env = {}) => {
    const { code, stdout, stderr } = await run(tool, args, env)
    expect(stderr.trim()).toMatch(says)
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../../harness/command'
import { startTestLedger, type TestLedger } from '../../../harness/ledger'
import { eventually } from '../../../harness/system'
import { TODAY } from '../../../harness/today'
import { TYPESCRIPT } from '../../../harness/typescript'
import { startSandboxBeacon } from '../../../server/sandbox/beacon'
import { startSandboxBank, startSandboxBff } from '../../../server/sandbox/system'

/** Dealing ahead of the first payer: by the BFF's own job, and by `npm run deal` on the sandbox it left. */
describe('the decks of a day', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-deal-'))
  let ledger: TestLedger
  beforeAll(async () => {
    ledger = await startTestLedger(dataDir)
  })
  afterAll(async () => {
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const deal = (...args: string[]) => runCommand('deal', args, { DATA_DIR: dataDir, ...ledger.env })

  it('are dealt by the BFF when it starts, before anybody pays, with what a beacon said, and their commitments are public', async () => {
    const bank = await startSandboxBank(dataDir, { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' })
    const beacon = await startSandboxBeacon({ production: false })
    const env = {
      ...{ ...process.env, ...TYPESCRIPT, NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', SANDBOX_EASY: 'on' },
      BEACON_URL: beacon.url,
      ...ledger.env,
    }
    const bff = await startSandboxBff(dataDir, bank.url, env)
    try {
      const metric = async (name: string) =>
        Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await fetch(`${bff.said.url}/metrics`)).text())?.[1])
      const reply = await eventually(async () => {
        const asked = await fetch(`${bff.said.url}/api/decks/food-street/M0020/${TODAY}`)
        return asked.status === 200 ? asked : undefined
      })
      expect(await reply.json()).toMatchObject({
        commitment: expect.stringMatching(/^v2\.[0-9a-f]{64}$/),
        beacon: { source: beacon.url, round: expect.any(Number) },
        seed: null,
      })
      await eventually(async () => ((await metric('fapai_decks_to_deal')) === 0 ? true : undefined))
      expect(await metric('fapai_merchants_short')).toBe(0)
    } finally {
      await bff.stop()
      await bank.child.stop()
      await beacon.stop()
    }
  })

  it('are dealt by hand what is missing of them, and all of them loaded', async () => {
    const again = await deal()
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(again.stdout).toMatch(
      new RegExp(`^Dealt 0 decks of ${TODAY}, .* a second\\.\n20 decks of ${TODAY} are in Redis\\.\n$`),
    )
  })

  it('are short where the budget ends, which the exit code says', async () => {
    await ledger.work(async ({ db }) => {
      await db.deleteFrom('decks').execute()
      await db.updateTable('campaigns').set({ committed_fen: 0, budget_fen: 40_000 }).execute()
    })
    const { code, stdout } = await deal('--no-load')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^Dealt \d decks of .*; \d of them short and 1\d merchants without\.\n$/)
  })

  it('of no date are not dealt', async () => {
    expect(await deal('--date', '2026-02-30')).toMatchObject({ code: 2, stderr: expect.stringContaining('is no date') })
  })
})

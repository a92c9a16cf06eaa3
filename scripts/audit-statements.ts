import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MAKERS, openChannels } from '../server/channel'
import type { Config } from '../server/config'
import { type SourceDeps, statementsOf } from '../server/flow/reconcile/source'
import { startSandboxAlipay } from '../server/sandbox/alipay/start'
import { sandboxEnv, startSandboxBank, startSandboxWechatpay } from '../server/sandbox/system'
import { startSandboxUnionPay } from '../server/sandbox/unionpay/start'
import { lockDir } from '../server/store/dir-lock'
import { monotonic } from '../server/store/ledger-clock'

/** The channels that an audit fetches statements from, each by its own adapter: the bank and every wallet that is configured. */

/** The sandbox's bank and wallets, started on their books; what the tool has to be told of them. */
export async function sandboxChannels(stops: (() => unknown)[]): Promise<NodeJS.ProcessEnv> {
  const dataDir = resolve(process.env.DATA_DIR || '.data')
  const lock = await lockDir(dataDir, 'start')
  stops.push(lock.release)
  const ours = 'http://127.0.0.1:8787'
  const kept = async <T extends { child: { stop(): Promise<void> } }>(starting: Promise<T>): Promise<T> => {
    const started = await starting
    stops.push(started.child.stop)
    return started
  }
  const [bank, ...wallets] = await Promise.all([
    kept(startSandboxBank(dataDir, process.env)),
    kept(startSandboxWechatpay(dataDir, process.env)),
    kept(startSandboxAlipay(dataDir, ours, process.env)),
    kept(startSandboxUnionPay(dataDir, ours, process.env)),
  ])
  return Object.assign(sandboxEnv(dataDir, bank.url), ...wallets.map(({ env }) => env))
}

/** The files are looked at and not kept: those of the reconciliation are the record. */
export function openStatements(config: Config, stops: (() => unknown)[]): SourceDeps {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-audit-'))
  stops.push(() => rmSync(dir, { recursive: true, force: true }))
  const around = { clock: { now: Date.now }, monotonic, random: randomBytes, dir, requests: config.load.requests }
  const { channels, stop } = openChannels(MAKERS, config.channels, around)
  stops.push(stop)
  return { statements: statementsOf(channels) }
}

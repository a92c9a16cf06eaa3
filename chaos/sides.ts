import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { MAKERS, type OpenChannel } from '../server/channel'
import { readConfig } from '../server/config'
import { DAY_MS } from '../server/domain/business-date'
import type { ChannelName } from '../server/domain/channel'
import type { Channels } from '../server/flow/ports'
import { type SourceDeps, statementsOf } from '../server/flow/reconcile/source'
import { sandboxEnv } from '../server/sandbox/system'

/** The platform's ends of all channels, beside the BFFs'. */
export interface Sides {
  channels: Channels
  statements: SourceDeps['statements']
  stop(): Promise<void>
}

/** Alipay's bills are ready at ten in the morning after their day, by its clock; of the day after the last as well. */
export const ALIPAY_AHEAD_MS = 3 * DAY_MS

/** `env`: what the wallets are found by. */
export function sidesOf(dataDir: string, bankUrl: string, env: NodeJS.ProcessEnv): Sides {
  // The manifest of a long day takes the bank a while.
  const patient = ['BANK', 'WECHATPAY', 'ALIPAY', 'UNIONPAY'].map((name) => [`${name}_TIMEOUT_MS`, '60000'])
  const config = readConfig({ ...sandboxEnv(dataDir, bankUrl), ...env, ...Object.fromEntries(patient) })
  const around = { monotonic: { now: Date.now }, random: randomBytes, dir: join(dataDir, 'statements') }
  const open: OpenChannel[] = Object.entries(MAKERS).flatMap(([name, make]) => {
    const now = name === 'alipay' ? () => Date.now() + ALIPAY_AHEAD_MS : Date.now
    return make(config.channels, { ...around, clock: { now } }) ?? []
  })
  const channels: Channels = new Map(open.map((one) => [one.name as ChannelName, one]))
  return {
    channels,
    statements: statementsOf(channels),
    stop: async () => void (await Promise.all(open.map((one) => one.stop()))),
  }
}

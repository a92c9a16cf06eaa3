import pino from 'pino'
import { MAKERS, type Makers } from '../server/channel'
import { readConfig } from '../server/config'
import type { ChannelName } from '../server/domain/channel'
import { type Running, startBff } from '../server/main'
import { toyChannel } from './toy-wallet/channel'
import type { ToyConfig } from './toy-wallet/channel/schema'

/** The BFF with one more channel: the toy wallet under the name of one it stands in for. Nothing of the product knows of it. */
export function startToyBff(env: NodeJS.ProcessEnv, name: ChannelName, toy: ToyConfig): Promise<Running> {
  const makers: Makers = {
    ...MAKERS,
    [name]: (_: unknown, around: Parameters<NonNullable<Makers['bank']>>[1]) => toyChannel({ ...toy, ...around, name }),
  }
  return startBff(readConfig(env), pino({ level: 'silent' }), makers)
}

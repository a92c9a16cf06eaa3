import pino from 'pino'
import { MAKERS, type Maker, type Makers } from '../server/channel'
import { readConfig } from '../server/config'
import type { ChannelName } from '../server/domain/channel'
import { type Running, startBff } from '../server/main'
import { toyChannel } from './toy-wallet/channel'
import type { ToyConfig } from './toy-wallet/channel/schema'

/** The BFF with one more channel: the toy wallet under the name of one it stands in for. Nothing of the product knows of it. */
export function startToyBff(env: NodeJS.ProcessEnv, name: ChannelName, toy: ToyConfig): Promise<Running> {
  const maker: Maker = (_, around) => toyChannel({ ...toy, ...around, name })
  const makers: Makers = { ...MAKERS, [name]: maker }
  return startBff(readConfig(env), pino({ level: 'silent' }), makers)
}

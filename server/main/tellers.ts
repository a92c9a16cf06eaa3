import type { Config } from '../config'
import type { Teller } from '../flow/ports'
import { webhook } from '../notify/webhook'
import { wecomRobot } from '../notify/wecom'

/** Where operators are told of something beside the console; none unless the configuration says where. */
export const tellersOf = ({ notify }: Pick<Config, 'notify'>): Teller[] => [
  ...(notify.webhook ? [webhook(notify.webhook)] : []),
  ...(notify.wecomUrl === null ? [] : [wecomRobot(notify.wecomUrl)]),
]

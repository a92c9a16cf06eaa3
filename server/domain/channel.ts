/** The bank's own channel: what the console calls "own" when it speaks of shares. */
export const OWN_CHANNEL = 'bank'

/** Every channel (渠道) that an order may be paid through: the one list that contract, SQL and console read. */
export const CHANNELS = [OWN_CHANNEL, 'wechatpay', 'alipay', 'unionpay'] as const
export type ChannelName = (typeof CHANNELS)[number]

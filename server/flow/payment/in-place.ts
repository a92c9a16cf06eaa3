import type { Channel } from '../ports'

/** As many people wait for the channel as may: nothing was done for this one, who may come again so much later. */
const BUSY = { kind: 'busy', retryAfterMs: 2_000 } as const
export type Busy = typeof BUSY

/** Does what somebody's request waits for, in one of the channel's places. */
export async function inPlace<T>(channel: Channel, work: () => Promise<T>): Promise<T | Busy> {
  const leave = channel.place ? channel.place() : () => {}
  if (!leave) return BUSY
  try {
    return await work()
  } finally {
    leave()
  }
}

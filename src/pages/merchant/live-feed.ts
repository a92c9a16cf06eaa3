import type { LiveMessage, MerchantOrderView } from '@contract'
import { type Reader, sessionOf } from '../../api'
import { host } from '../../platform/host'

export type LiveState = 'connecting' | 'live' | 'broken'

export interface LiveEvents {
  onState(state: LiveState): void
  onOrder(order: MerchantOrderView): void
  /** Connected, for the first time or again: what was read before may miss something, so read it again. */
  onReady(): void
}

/** Back soon after a blink of the network; not more than four times a minute when the server is away. */
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000]

/**
 * Follows a merchant's live feed until stopped. A lost connection is opened again, resuming after the last order seen,
 * so that none is missed; the listener may see an order twice and must know it by its number.
 */
export function followLive(reader: Reader, events: LiveEvents): () => void {
  let stopped = false
  let failures = 0
  let cursor = ''
  let close = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined

  const lost = () => {
    close = () => {}
    if (stopped) return
    events.onState('broken')
    const pauseMs = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]
    failures++
    timer = setTimeout(connect, pauseMs)
  }

  const connect = async () => {
    timer = undefined
    const session = await sessionOf(reader).catch(() => undefined)
    if (stopped) return
    if (!session) return lost()
    const path = `/api/merchant/live${cursor ? `?after=${encodeURIComponent(cursor)}` : ''}`
    close = host.openSocket(path, ['fapai.v1', `bearer.${session.token}`], {
      onOpen: () => {},
      onMessage: (text) => {
        const message = JSON.parse(text) as LiveMessage
        if (message.type === 'ready') {
          failures = 0
          events.onState('live')
          events.onReady()
        } else if (message.type === 'order') {
          cursor = message.cursor
          events.onOrder(message.order)
        }
      },
      onClose: lost,
    })
  }

  /** The network or the person is back: don't wait out the pause. */
  const stopReturn = host.onReturn(() => {
    if (timer === undefined) return
    clearTimeout(timer)
    void connect()
  })
  events.onState('connecting')
  void connect()

  return () => {
    stopped = true
    clearTimeout(timer)
    stopReturn()
    close()
  }
}

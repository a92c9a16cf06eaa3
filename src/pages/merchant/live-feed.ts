import type { LiveMessage, MerchantOrderView } from '@contract'
import { type Reader, sessionOf } from '../../api'
import { host } from '../../platform/host'

/** `down`: orders come late or not at all for now, and it will take longer than a blink: the page looks for itself. */
export type LiveState = 'connecting' | 'live' | 'broken' | 'down'

export interface LiveEvents {
  onState(state: LiveState): void
  onOrder(order: MerchantOrderView): void
  /** Live, for the first time or again: what was read before may miss something, so read it again. */
  onReady(): void
  /** The server shut it: the session is over, or its user is no longer bound. */
  onShut(): void
}

/** RFC 6455: how the server ends a feed that may not go on. */
const POLICY = 1008
/** Back soon after a blink of the network; not more than four times a minute when the server is away. */
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000]
/** Some seven seconds of the pauses above. */
const FAILURES_BEFORE_DOWN = 3
/** A connection that isn't ready by then won't be: its packets are swallowed somewhere. */
const CONNECT_MS = 10_000
/** The server beats every 20 s. Two that didn't come: nobody is there, though the socket says nothing of it. */
const SILENCE_MS = 45_000

/**
 * Follows a merchant's live feed until stopped, and calls it live only while it hears from it. A connection that is lost or
 * silent is opened again, and any is when the person or the network returns, resuming after the last order seen, so that none
 * is missed; the listener may see an order twice and must know it by its number.
 */
export function followLive(reader: Reader, events: LiveEvents): () => void {
  let stopped = false
  let failures = 0
  let cursor = ''
  let behind = false
  /** which connection is the present one; what an earlier one still says doesn't count */
  let turn = 0
  let close = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  const after = (ms: number, then: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(then, ms)
  }

  const lost = (code?: number) => {
    if (code === POLICY) events.onShut()
    close()
    close = () => {}
    turn++
    if (stopped) return
    const pauseMs = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]!
    events.onState(++failures > FAILURES_BEFORE_DOWN ? 'down' : 'broken')
    after(pauseMs, connect)
  }

  const hear = (message: LiveMessage) => {
    after(SILENCE_MS, lost)
    if (message.type === 'order') {
      cursor = message.cursor
      return events.onOrder(message.order)
    }
    failures = 0
    const wasBehind = behind
    behind = message.type === 'beat' && message.behind
    events.onState(behind ? 'down' : 'live')
    if (message.type === 'ready' || (wasBehind && !behind)) events.onReady()
  }

  const connect = async () => {
    close()
    close = () => {}
    const mine = ++turn
    after(CONNECT_MS, lost)
    const session = await sessionOf(reader).catch(() => undefined)
    if (stopped || mine !== turn) return
    if (!session) return lost()
    const path = `/api/merchant/live${cursor ? `?after=${encodeURIComponent(cursor)}` : ''}`
    close = host.openSocket(path, ['fapai.v1', `bearer.${session.token}`], {
      onOpen: () => {},
      onMessage: (text) => mine === turn && hear(JSON.parse(text) as LiveMessage),
      onClose: (code) => mine === turn && lost(code),
    })
  }
  const begin = () => {
    events.onState('connecting')
    void connect()
  }

  // without a network it isn't live, however long the silence may still be
  const stops = [host.onReturn(begin), host.onLoss(() => lost())]
  begin()

  return () => {
    stopped = true
    clearTimeout(timer)
    for (const stop of stops) stop()
    close()
  }
}

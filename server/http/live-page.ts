import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { merchantOrder } from '../flow/merchant/show'
import { later } from '../serve/later'
import type { LiveMessage } from './contract'
import type { HttpDeps } from './deps'
import { presentMerchantOrder } from './present/payer'
import type { Bearer, Held } from './token'

export type LiveDeps = Pick<
  HttpDeps,
  'tokens' | 'clock' | 'ledger' | 'refunds' | 'desk' | 'log' | 'feed' | 'limiter' | 'callerOf'
>
export type MerchantToken = Held & { bearer: Extract<Bearer, { kind: 'merchant' }> }

/** Between two beats a page answers one ping and may say goodbye: some thirty bytes. Far more is somebody who floods us. */
const BYTES_A_BEAT = 4_096
/** Beyond what the system's buffers hold: the page hasn't read for a long time. */
const UNREAD_BYTES = 262_144
/** RFC 6455: the endpoint may not have this any more. */
const POLICY = 1008
const FAULT = 1011

/**
 * One page that listens. Whether its user is still bound is looked up when there is something to tell, and by the clock for all
 * pages together (live.ts): whatever it sends costs nothing, and a flood of it ends the page.
 */
export class LivePage {
  /** the ping that isn't answered yet */
  private asked: string | null = null
  private pings = 0
  private bytesLeft = BYTES_A_BEAT
  /** of the user; the sandbox's owners have none */
  readonly bindingId: number | undefined

  constructor(
    private readonly ws: WebSocket,
    socket: Socket,
    private readonly deps: LiveDeps,
    private readonly token: MerchantToken,
    /** it sends what no page sends, and ends */
    onHarm: () => void = () => {},
  ) {
    this.bindingId = token.bearer.bindingId
    // Before anything is awaited: what a client sends with its very first packet may be an error already.
    ws.on('error', () => {
      onHarm()
      ws.terminate()
    })
    ws.on('pong', (data) => {
      if (String(data) === this.asked) this.asked = null
    })
    socket.prependListener('data', ({ length }: Buffer) => {
      const before = this.bytesLeft
      this.bytesLeft -= length
      if (before < 0 || this.bytesLeft >= 0) return
      onHarm()
      later(socket, () => ws.terminate())
    })
  }

  /** Follows the merchant's feed, from behind `after` on. */
  async follow(after: string | undefined): Promise<void> {
    const { ws, deps } = this
    const { merchantCode } = this.token.bearer
    // Events are sent one after another, so that a slow read of one order doesn't let a later one overtake it.
    let tail: Promise<unknown> = Promise.resolve()
    const unsubscribe = await deps.feed.subscribe(merchantCode, after, ({ cursor, orderNo }) => {
      tail = tail
        .then(async () => {
          if (!(await this.stillIn())) return this.shut()
          const order = await merchantOrder(deps, merchantCode, orderNo)
          if (order) this.say({ type: 'order', cursor, order: presentMerchantOrder(order) })
        })
        .catch(() => ws.close(FAULT))
    })
    ws.on('close', unsubscribe)
    if (ws.readyState !== ws.OPEN) unsubscribe()
    this.say({ type: 'ready' })
    if (deps.feed.behind()) this.say({ type: 'beat', behind: true })
  }

  say(message: LiveMessage): void {
    if (this.ws.readyState !== this.ws.OPEN) return
    if (this.ws.bufferedAmount > UNREAD_BYTES) this.ws.terminate()
    else this.ws.send(JSON.stringify(message))
  }

  /** Two beats without an answer and the other side is gone. */
  beat(): void {
    if (this.asked !== null) {
      this.ws.terminate()
      return
    }
    this.bytesLeft = BYTES_A_BEAT
    this.asked = String(++this.pings)
    this.ws.ping(this.asked)
    this.say({ type: 'beat', behind: this.deps.feed.behind() })
  }

  /** A page ends with its token. */
  watch(): void {
    if (this.isOver()) this.shut()
  }

  /** It may not go on; the page asks why by its next request. */
  shut(): void {
    this.ws.close(POLICY)
  }

  private isOver(): boolean {
    return this.token.expiresAt <= this.deps.clock.now()
  }

  /** An unbound user sees nothing more, though their feed was open. */
  private async stillIn(): Promise<boolean> {
    const { bindingId, deps } = this
    if (this.isOver()) return false
    return bindingId === undefined || (await deps.desk.bindings.inForce(bindingId)) !== undefined
  }
}

import type { MerchantChannelView, OrderView, PayerActionView, Platform } from '@contract'
import type { Scanned } from '../entry'
import type { Handed } from './bridges'
import type { PageLogin } from './page-login'

export type Role = 'payer' | 'merchant'

export interface SocketEvents {
  onOpen(): void
  onMessage(text: string): void
  /** Once, whether it never opened, was closed or broke. */
  onClose(): void
}

/** What WeChat and a browser do differently. `host.ts` is the browser, `host.weapp.ts` the mini-program. */
export interface Host {
  /** How a payer's page is logged in where the platform has a page for it; absent in the mini-program. */
  pageLogin?: PageLogin
  platform: Platform
  /** Origin of the BFF; empty where pages come from it. */
  apiOrigin: string
  /** Names whose session is kept on this device; a change of person is a new login. */
  person(role: Role, merchantCode?: string): string
  /** A one-time login code of the platform. */
  loginCode(role: Role, merchantCode?: string): Promise<string>
  /** A login ticket of the bank's app, where the page is open in it. */
  ticket?(): Promise<string | undefined>
  /** Opens a WebSocket; the returned function closes it and silences its events. */
  openSocket(path: string, protocols: string[], events: SocketEvents): () => void
  /** False while nobody can see the page. */
  visible(): boolean
  /** Calls when the page comes back into sight or the network returns; the returned function stops that. */
  onReturn(listener: () => void): () => void
  /** Keys of a physical keyboard; never of a phone. The returned function stops that. */
  onKey(listener: (key: string) => void): () => void
  /** Whether a channel's payment can be invoked where the page is open. */
  canPay(channel: Pick<MerchantChannelView, 'needs' | 'jumps'>): boolean
  /**
   * Hands on what the payer must do: to the channel's wallet, or to the page or mini-program that the action names. `asked`: the payer was; `cancelled`: they put it away; `unavailable`: it can't be done here.
   * None of it says whether they paid: that is asked of the server.
   */
  payBy(action: PayerActionView, channel: OrderView['channel']): Promise<Handed>
  /** Reads a code by the camera; null when the person put it away, or allows no camera. Absent where a page can't. */
  scan?(): Promise<Scanned | null>
  /** A short tap under the finger, where the device can. */
  buzz(): void
  /** Leaves for where the person came from; false when there is no such place. */
  leave(): boolean
}

import type { MerchantChannelView, OrderView, PayerActionView, Platform } from '@contract'
import type { Scanned } from '../entry'
import type { Handed } from './bridges'
import type { EarlyAnswer } from './opening'
import type { PageLogin } from './page-login'

export type Role = 'payer' | 'merchant'

export interface SocketEvents {
  onOpen(): void
  onMessage(text: string): void
  /** Once, whether it never opened, was closed or broke; the code with which the other side closed it. */
  onClose(code?: number): void
}

/** A file that is here, and how the person gets it; `verb` is what they press. */
export interface FileReady {
  verb: string
  /** in a tap alone; false: they put it away, or the device wouldn't */
  hand(): Promise<boolean>
}

/** What WeChat and a browser do differently. `host.ts` is the browser, `host.weapp.ts` the mini-program. */
export interface Host {
  /** How a payer's page is logged in where the platform has a page for it; absent in the mini-program. */
  pageLogin?: PageLogin
  platform: Platform
  /** Whether who isn't known yet may be sent to the platform's page to log in. */
  leavesToLogIn: boolean
  /** Origin of the BFF; empty where pages come from it. */
  apiOrigin: string
  /**
   * The answer to what the page asked before there was any of this code, once; undefined: it didn't ask that, or had no answer. Fails as a
   * request does that takes too long. Absent where no page comes before the code.
   */
  asked?(path: string, timeoutMs: number): Promise<EarlyAnswer | undefined> | undefined
  /** Takes away what stood where the page now is. */
  uncover?(): void
  /** Fetches what the page that shows a payment is made of: by then there may be no network. Absent where all pages are here. */
  fetchNext?(): void
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
  /** Calls when the device says that it has no network; the returned function stops that. */
  onLoss(listener: () => void): () => void
  /** Keys of a physical keyboard; never of a phone. The returned function stops that. */
  onKey(listener: (key: string) => void): () => void
  /** Text pasted on the page and not into a field. The returned function stops that. */
  onPaste(listener: (text: string) => void): () => void
  /** Whether a channel's payment can be invoked where the page is open. */
  canPay(channel: Pick<MerchantChannelView, 'needs' | 'jumps'>): boolean
  /**
   * Hands on what the payer must do: to the channel's wallet, or to the page or mini-program that the action names. `asked`: the payer was; `cancelled`: they put it away; `unavailable`: it can't be done here.
   * None of it says whether they paid: that is asked of the server.
   */
  payBy(action: PayerActionView, channel: OrderView['channel']): Promise<Handed>
  /** Asks the person for one message of a template (订阅消息); true when they agreed. Absent where nobody can be asked. In a tap alone. */
  agreeTo?(templateId: string): Promise<boolean>
  /** Reads a code by the camera; null when the person put it away, or allows no camera. Absent where a page can't. */
  scan?(): Promise<Scanned | null>
  /** Hands a text to whom the person chooses, or where nobody can be chosen to the clipboard. Absent where a page may do neither. */
  share?(text: string): Promise<'shared' | 'copied' | 'not'>
  /** Has the device call a number, after it asked. */
  dial(phone: string): void
  /** Fetches a file of the server's; a number is the HTTP status of a refusal, 0 that nothing came. */
  file(path: string, header: Record<string, string>, name: string): Promise<FileReady | number>
  /** Plays a recording of src/voice by its name; gives, when it has ended, whether it was heard. */
  play(sound: string): Promise<boolean>
  /** Whether the screen stays on while the page is open. Absent where a page can't say. */
  keepAwake?(on: boolean): void
  /** A short tap under the finger, where the device can. */
  buzz(): void
  /** Leaves for where the person came from; false when there is no such place. */
  leave(): boolean
}

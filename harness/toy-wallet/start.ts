import type { z } from 'zod'
import type { ToyConfig } from './channel/schema'
import { generateToyKeys } from './channel/sign'
import type { BillFault } from './server/bill'
import type { faultList } from './server/faults'
import type { NoticeWay, SentNotice, Twist } from './server/notices'
import { startToyServer } from './server/server'
import { PASSWORD, type Prepay, type WalletRefund } from './server/wallet'

/** The toy wallet with its keys, and a hand on it. */
export interface TestToy {
  url: string
  /** ready for `toyChannel`, but for how long a person may take */
  config: Omit<ToyConfig, 'payWithinMs'>
  admin: ToyAdmin
  stop(): Promise<void>
}

export type ToyFault = z.input<typeof faultList>[number]

export interface ToyAdmin {
  /** replaces all faults */
  faults(...faults: ToyFault[]): Promise<void>
  struck(): Promise<number>
  slowness(how: { payment?: number; refund?: number; refundFate?: WalletRefund['fate'] }): Promise<void>
  /** what is processing under a number of the wallet's comes to its end */
  settle(number: string): Promise<void>
  notices(way: NoticeWay): Promise<void>
  sent(): Promise<SentNotice[]>
  /** sends a notice now, and tells what the platform answered */
  notify(url: string, number: string, twist?: Twist): Promise<SentNotice>
  balance(account: string, setFen?: number): Promise<number>
  total(): Promise<number>
  payments(): Promise<Prepay[]>
  refunds(): Promise<WalletRefund[]>
  /** ends the day, and answers which */
  cut(): Promise<string>
  bill(fault: BillFault): Promise<void>
}

/** Under a slow machine's load a healthy reply still comes in time. */
const TIMEOUT_MS = 10_000

export async function startTestToy(): Promise<TestToy> {
  const [ours, theirs] = [generateToyKeys(), generateToyKeys()]
  const server = await startToyServer({ clientPublicKey: ours.publicKey, privateKey: theirs.privateKey })
  return {
    url: server.url,
    config: {
      baseUrl: server.url,
      privateKey: ours.privateKey,
      walletPublicKey: theirs.publicKey,
      timeoutMs: TIMEOUT_MS,
      dailyPerPayerFen: 50_000,
      reconcileFromMs: null,
    },
    admin: toyAdmin(server.url),
    stop: server.stop,
  }
}

function toyAdmin(url: string): ToyAdmin {
  async function call<T>(route: string, value: unknown = null): Promise<T> {
    const reply = await fetch(`${url}/toy/${route}`, { method: 'POST', body: JSON.stringify(value) })
    if (!reply.ok) throw new Error(`${route}: ${reply.status} ${await reply.text()}`)
    return reply.json() as Promise<T>
  }
  return {
    faults: (...list) => call('faults', list),
    struck: () => call('struck'),
    slowness: (how) => call('slowness', how),
    settle: (number) => call('settle', { number }),
    notices: (way) => call('notices', way),
    sent: () => call('sent'),
    notify: (to, number, twist) => call('notify', { url: to, number, twist }),
    balance: (account, fen) => call('balance', { account, fen }),
    total: () => call('total'),
    payments: () => call('payments'),
    refunds: () => call('refunds'),
    cut: () => call('cut'),
    bill: (fault) => call('bill', { fault }),
  }
}

/** What a person does on the page that an action leads to; answers what the page then says. */
export async function actOnPage(url: string, act: 'confirm' | 'cancel' | 'wrong-password'): Promise<string> {
  const password = act === 'wrong-password' ? '000000' : PASSWORD
  const form = new URLSearchParams({ act: act === 'cancel' ? 'cancel' : 'confirm', password })
  const reply = await fetch(url, { method: 'POST', body: form })
  const said = /data-result="([a-z-]+)"/.exec(await reply.text())?.[1]
  if (!reply.ok || said === undefined) throw new Error(`the page answered ${reply.status}`)
  return said
}

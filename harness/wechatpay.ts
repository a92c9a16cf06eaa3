import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { z } from 'zod'
import type { WechatpayConfig } from '../server/channel/wechatpay/schema'
import { SANDBOX_APP_ID } from '../server/config/wechatpay'
import type { BillFault } from '../server/sandbox/wechatpay/bill'
import type { faultList } from '../server/sandbox/wechatpay/faults'
import { generateWechatpayKeys, publicOf, type WechatpayKeys } from '../server/sandbox/wechatpay/keys'
import type { NoticeWay, SentNotice, Twist } from '../server/sandbox/wechatpay/notices'
import type { WechatpayServerInput } from '../server/sandbox/wechatpay/options'
import { startWechatpayServer } from '../server/sandbox/wechatpay/server'
import { PASSWORD, type Prepay, type WalletRefund } from '../server/sandbox/wechatpay/wallet'

/** The sandbox's WeChat Pay in this process with its keys, and a hand on it. */
export interface TestWechatpay {
  url: string
  keys: WechatpayKeys
  /** ready for `wechatpayChannel`, but for how long a person may take */
  config: Omit<WechatpayConfig, 'payWithinMs'>
  admin: WechatpayAdmin
  stop(): Promise<void>
}

export type WechatpayFault = z.input<typeof faultList>[number]

export interface WechatpayAdmin {
  /** replaces all faults */
  faults(...faults: WechatpayFault[]): Promise<void>
  struck(): Promise<number>
  ways(how: {
    payment?: number
    refund?: number
    refundFate?: WalletRefund['fate']
    couponFen?: number
    signing?: 'public-key' | 'certificate'
  }): Promise<void>
  /** what is under way under a number of WeChat Pay's comes to its end */
  settle(number: string): Promise<void>
  /** the person confirms what was prepared under a number of WeChat Pay's, wherever they are */
  confirm(number: string): Promise<void>
  notices(way: NoticeWay): Promise<void>
  sent(): Promise<SentNotice[]>
  /** sends a notice now, and tells what the platform answered; null when nothing of it is definite */
  notify(url: string, number: string, twist?: Twist): Promise<SentNotice | null>
  balance(account: string, setFen?: number): Promise<number>
  total(): Promise<number>
  payments(): Promise<Prepay[]>
  refunds(): Promise<WalletRefund[]>
  /** ends the day, and answers which */
  cut(): Promise<string>
  bill(fault: BillFault, creating?: boolean): Promise<void>
}

/** Under a slow machine's load a healthy reply still comes in time. */
const TIMEOUT_MS = 10_000
const ADMIN_TOKEN = 'wechatpay-admin-token'

export async function startTestWechatpay(changed: Partial<WechatpayServerInput> = {}): Promise<TestWechatpay> {
  const { keys = generateWechatpayKeys() } = changed
  const base = {
    production: false,
    keys,
    dataDir: null,
    appIds: [SANDBOX_APP_ID],
    subMerchants: null,
    receiptUrl: null,
    adminToken: ADMIN_TOKEN,
    port: 0,
  }
  const server = await startWechatpayServer({ ...base, ...changed })
  const url = `http://127.0.0.1:${server.port}`
  return {
    url,
    keys,
    config: { baseUrl: url, ...configOf(keys) },
    admin: wechatpayAdmin(url, ADMIN_TOKEN),
    stop: server.stop,
  }
}

function configOf(keys: WechatpayKeys): Omit<WechatpayConfig, 'payWithinMs' | 'baseUrl'> {
  return {
    mchId: keys.mchId,
    serial: keys.serial,
    privateKey: createPrivateKey(keys.clientKey),
    apiV3Key: Buffer.from(keys.apiV3Key),
    apiV2Key: keys.apiV2Key,
    frameOrigin: 'https://payapp.weixin.qq.com',
    publicKey: { id: keys.publicKeyId, key: createPublicKey(publicOf(keys.platformKey)) },
    appIds: [SANDBOX_APP_ID],
    notifyUrl: 'http://127.0.0.1:9/channel/wechatpay/notify',
    timeoutMs: TIMEOUT_MS,
    dailyPerPayerFen: 50_000,
    reconcileFromMs: null,
  }
}

export function wechatpayAdmin(url: string, adminToken: string): WechatpayAdmin {
  async function call<T>(route: string, value: unknown = null): Promise<T> {
    const headers = { authorization: `Bearer ${adminToken}` }
    const reply = await fetch(`${url}/sandbox/admin/${route}`, { method: 'POST', headers, body: JSON.stringify(value) })
    if (!reply.ok) throw new Error(`${route}: ${reply.status} ${await reply.text()}`)
    return reply.json() as Promise<T>
  }
  return {
    faults: (...list) => call('faults', list),
    struck: () => call('struck'),
    ways: (how) => call('ways', how),
    settle: (number) => call('settle', { number }),
    confirm: (number) => call('confirm', { number }),
    notices: (way) => call('notices', way),
    sent: () => call('sent'),
    notify: (to, number, twist) => call('notify', { url: to, number, twist }),
    balance: (account, fen) => call('balance', { account, fen }),
    total: () => call('total'),
    payments: () => call('payments'),
    refunds: () => call('refunds'),
    cut: () => call('cut'),
    bill: (fault, creating = false) => call('bill', { fault, creating }),
  }
}

/** What a person does in WeChat with what the page hands over; answers what WeChat then says. */
export async function actInWechat(
  action: { params: Record<string, string> },
  act: 'confirm' | 'cancel' | 'wrong-password',
): Promise<string> {
  const password = act === 'wrong-password' ? '000000' : PASSWORD
  const form = new URLSearchParams({ act: act === 'cancel' ? 'cancel' : 'confirm', password })
  const reply = await fetch(action.params.sandboxUrl!, { method: 'POST', body: form })
  const said = /data-result="([a-z-]+)"/.exec(await reply.text())?.[1]
  if (said === undefined) throw new Error(`the page answered ${reply.status}`)
  return said
}

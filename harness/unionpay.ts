import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { z } from 'zod'
import { authoritiesOf, type UnionPayConfig } from '../server/channel/unionpay/schema'
import type { Payment, Refund } from '../server/sandbox/unionpay/book'
import type { FaultInput } from '../server/sandbox/unionpay/faults'
import type { FileFault } from '../server/sandbox/unionpay/file'
import { OWNER } from '../server/sandbox/unionpay/keys'
import type { NoticeWay, SentNotice, Twist } from '../server/sandbox/unionpay/notices'
import { startUnionPayServer, type UnionPayServer } from '../server/sandbox/unionpay/server'

/** The sandbox's UnionPay with our keys, and a hand on it. */
export interface TestUnionPay {
  server: UnionPayServer
  /** ready for `unionPayChannel`, but for clock and folder */
  config: UnionPayConfig
  /** the same for the BFF; `caFile`: where the authorities are to be written */
  env(caFile: string): NodeJS.ProcessEnv
  admin: UnionPayAdmin
  stop(): Promise<void>
}

export interface UnionPayAdmin {
  /** replaces all faults */
  faults(...faults: z.input<typeof import('../server/sandbox/unionpay/faults').faultList>): Promise<void>
  struck(): Promise<number>
  ways(how: {
    payment?: number
    refund?: number
    refundFate?: 'done' | 'abnormal'
    reversals?: 'taken' | 'refused'
  }): Promise<void>
  /** what is processing under a number of UnionPay's comes to its end */
  settle(orderId: string): Promise<void>
  notices(way: NoticeWay): Promise<void>
  sent(): Promise<SentNotice[]>
  /** sends a notice now, to where its request said or elsewhere, and tells what the platform answered */
  notify(orderId: string, twist?: Twist, url?: string): Promise<SentNotice | null>
  balance(account: string, setFen?: number): Promise<number>
  total(): Promise<number>
  payments(): Promise<Payment[]>
  refunds(): Promise<Refund[]>
  /** ends the day, and answers which */
  cut(): Promise<string>
  files(...faults: FileFault[]): Promise<void>
}

export type UnionPayFault = FaultInput[number]

/** Under a slow machine's load a healthy reply still comes in time. */
const TIMEOUT_MS = 10_000
export const GROUP = '777290058140000'
export const WEAPP = 'wx00000000fa9a1001'
export const MINI_PROGRAM = 'wx3cbe919f36710d1c'
const CERT_ID = '68759663125'
const QRA = 'QRA777290058140'

export async function startTestUnionPay(
  redirectHost = 'pay.bank.example',
  now: () => number = Date.now,
): Promise<TestUnionPay> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const server = await startUnionPayServer({
    client: { certId: CERT_ID, publicKey, merIds: '777' },
    qra: { mchId: QRA, publicKey, redirectHost },
    production: false,
    now,
  })
  const { url } = server
  return {
    server,
    config: {
      ...{ baseUrl: url, filesUrl: `${url}/`, certId: CERT_ID, merId: GROUP, owner: OWNER },
      privateKey: createPrivateKey(privateKey),
      authorities: authoritiesOf(server.authorities)!,
      notifyUrl: 'http://127.0.0.1:9/channel/unionpay/notify',
      miniProgram: { appId: MINI_PROGRAM, path: '/pages/CQPApplet/index', from: WEAPP },
      ...{
        timeoutMs: TIMEOUT_MS,
        payWithinMs: 300_000,
        clockToleranceMs: 30_000,
        dailyPerPayerFen: 50_000,
        reconcileFromMs: null,
      },
    },
    env: (caFile) => ({
      UNIONPAY_MER_ID: GROUP,
      UNIONPAY_CERT_ID: CERT_ID,
      UNIONPAY_PRIVATE_KEY: privateKey,
      UNIONPAY_CA_FILE: caFile,
      UNIONPAY_URL: url,
      UNIONPAY_FILES_URL: `${url}/`,
      UNIONPAY_QRA_MCH_ID: QRA,
      UNIONPAY_QRA_PRIVATE_KEY: privateKey,
      UNIONPAY_QRA_PUBLIC_KEY: server.publicKey,
      UNIONPAY_QRA_URL: `${url}/pay/gateway`,
      UNIONPAY_OPEN_URL: url,
    }),
    admin: adminOf(url),
    stop: server.stop,
  }
}

export function adminOf(url: string): UnionPayAdmin {
  async function call<T>(route: string, value: unknown = null): Promise<T> {
    const reply = await fetch(`${url}/sandbox/${route}`, { method: 'POST', body: JSON.stringify(value) })
    if (!reply.ok) throw new Error(`${route}: ${reply.status} ${await reply.text()}`)
    return reply.json() as Promise<T>
  }
  return {
    faults: (...list) => call('faults', list),
    struck: () => call('struck'),
    ways: (how) => call('ways', how),
    settle: (orderId) => call('settle', { orderId }),
    notices: (way) => call('notices', way),
    sent: () => call('sent'),
    notify: (orderId, twist, to) => call('notify', { orderId, twist, url: to }),
    balance: (account, fen) => call('balance', { account, fen }),
    total: () => call('total'),
    payments: () => call('payments'),
    refunds: () => call('refunds'),
    cut: () => call('cut'),
    files: (...faults) => call('files', faults),
  }
}

/** What a payer does on the page that an action leads to; answers what the page then says. */
export async function actAtUnionPay(
  url: string,
  act: 'confirm' | 'cancel' | 'wrong-password',
  payer = 'somebody',
): Promise<string> {
  const password = act === 'wrong-password' ? '000000' : '246810'
  const form = new URLSearchParams({ act: act === 'cancel' ? 'cancel' : 'confirm', password, payer })
  const reply = await fetch(url, { method: 'POST', body: form })
  const said = /data-result="([a-z-]+)"/.exec(await reply.text())?.[1]
  if (!reply.ok || said === undefined) throw new Error(`the page answered ${reply.status}`)
  return said
}

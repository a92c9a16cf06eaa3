import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { AlipayConfig } from '../server/channel/alipay/schema'
import { type AlipayServer, startAlipayServer } from '../server/sandbox/alipay/server'
import { PASSWORD } from '../server/sandbox/alipay/trades'

/** The sandbox's Alipay with an app of ours, and a hand on it. */
export interface TestAlipay extends AlipayServer {
  /** ready for `alipayChannel`, but for where we are and how long a person may take */
  config: Omit<AlipayConfig, 'publicUrl' | 'payWithinMs'>
  /** ours, PEM */
  privateKey: string
  appPublicKey: string
}

export const APP_ID = '2021000000000001'
export const SELLER_ID = '2088102146225135'

/** Under a slow machine's load a healthy reply still comes in time. */
const TIMEOUT_MS = 10_000

export async function startTestAlipay(now: () => number = Date.now): Promise<TestAlipay> {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const app = { appId: APP_ID, publicKey: keys.publicKey, redirectHost: 'pay.bank.example', names: 'open_id' } as const
  const server = await startAlipayServer({ apps: [app], production: false, sellerId: SELLER_ID, now })
  return {
    ...server,
    privateKey: keys.privateKey,
    appPublicKey: keys.publicKey,
    config: {
      gatewayUrl: `${server.url}/gateway.do`,
      appId: APP_ID,
      privateKey: createPrivateKey(keys.privateKey),
      alipayKey: createPublicKey(server.publicKey),
      sellerId: SELLER_ID,
      timeoutMs: TIMEOUT_MS,
      clockToleranceMs: 30_000,
      dailyPerPayerFen: 50_000,
      reconcileFromMs: null,
    },
  }
}

/** What a person does at the cashier that an action leads to; answers what the page then says. */
export async function actAtCashier(url: string, act: 'confirm' | 'cancel' | 'wrong-password'): Promise<string> {
  const password = act === 'wrong-password' ? '000000' : PASSWORD
  const form = new URLSearchParams({ act: act === 'cancel' ? 'cancel' : 'confirm', password })
  // The address of a page first leads to the cashier, as in a browser.
  const cashier = (await fetch(url)).url
  const reply = await fetch(cashier, { method: 'POST', body: form })
  const said = /data-result="([a-z-]+)"/.exec(await reply.text())?.[1]
  if (!reply.ok || said === undefined) throw new Error(`the page answered ${reply.status}`)
  return said
}

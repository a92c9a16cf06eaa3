import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { type Child, forkChild } from './children'
import { merchants } from './food-street'
import { keptKeys, sandboxKeys } from './keys'
import { generateWechatpayKeys, publicOf, type WechatpayKeys } from './wechatpay/keys'
import type { WechatpayServerInput } from './wechatpay/options'

/** The sandbox's processes: the bank on its own, and the BFF in front of it. Used by `npm start`, tests and benches. */

/** The BFF's own file, next to this one whether it runs from TypeScript or from the compiled server. */
const EXTENSION = __filename.endsWith('.ts') ? 'ts' : 'js'
const fileOf = (path: string) => resolve(__dirname, `${path}.${EXTENSION}`)

/** The name under which the sandbox bank knows our key. */
const KEY_ID = 'fapai-sandbox'

export interface SandboxBank {
  url: string
  /** guards the sandbox's admin routes: faults, balances, clearings */
  adminToken: string
  child: Child<{ port: number }>
}

/**
 * Starts the sandbox bank on a free port, with its journal in `<dataDir>/bank`. `env` is the process's own, with
 * SANDBOX_EASY and SANDBOX_CODE. With the one
 * that was running before, at the same address again.
 */
export async function startSandboxBank(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  before?: Pick<SandboxBank, 'url' | 'adminToken'>,
): Promise<SandboxBank> {
  const { bank } = sandboxKeys(dataDir)
  const adminToken = before?.adminToken ?? randomBytes(24).toString('base64url')
  const options = {
    production: false,
    port: before ? Number(new URL(before.url).port) : 0,
    dataDir: join(dataDir, 'bank'),
    client: { keyId: KEY_ID, publicKey: bank.client.publicKey },
    privateKey: bank.bank.privateKey,
    adminToken,
    easy: env.SANDBOX_EASY === 'on',
    code: env.SANDBOX_CODE || null,
    payees: Object.fromEntries(merchants.map(({ account, name }) => [account, name])),
  }
  const child = await forkChild<{ port: number }>(fileOf('bank/main'), [], { env, secret: options })
  return { url: `http://127.0.0.1:${child.said.port}`, adminToken, child }
}

export interface SandboxWechatpay {
  url: string
  /** guards the sandbox's own routes */
  adminToken: string
  /** what the BFF has to be told of it */
  env: NodeJS.ProcessEnv
  child: Child<{ port: number }>
}

/**
 * Starts the sandbox's WeChat Pay on a free port, with its keys and books in `dataDir`. `publicUrl`: ours, whose receipt it frames. With the
 * one that was running before, at the same address again.
 */
export async function startSandboxWechatpay(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  publicUrl?: string,
  before?: Pick<SandboxWechatpay, 'url' | 'adminToken'>,
): Promise<SandboxWechatpay> {
  const keys = keptKeys(dataDir, 'wechatpay-secrets.json', generateWechatpayKeys)
  const adminToken = before?.adminToken ?? randomBytes(24).toString('base64url')
  const options: WechatpayServerInput = {
    production: false,
    port: before ? Number(new URL(before.url).port) : 0,
    dataDir: join(dataDir, 'wechatpay'),
    keys,
    appIds: null,
    receiptUrl: publicUrl === undefined ? null : `${publicUrl}/channel/wechatpay/receipt`,
    subMerchants: Object.fromEntries(
      merchants.flatMap(({ walletAccounts, name }) =>
        walletAccounts.wechatpay === undefined ? [] : [[walletAccounts.wechatpay, name]],
      ),
    ),
    adminToken,
  }
  const child = await forkChild<{ port: number }>(fileOf('wechatpay/main'), [], { env, secret: options })
  const url = `http://127.0.0.1:${child.said.port}`
  return { url, adminToken, env: wechatpayEnv(keys, url), child }
}

function wechatpayEnv(keys: WechatpayKeys, url: string): NodeJS.ProcessEnv {
  return {
    WECHATPAY_URL: url,
    WECHATPAY_MCHID: keys.mchId,
    WECHATPAY_SERIAL: keys.serial,
    WECHATPAY_PRIVATE_KEY: keys.clientKey,
    WECHATPAY_API_V3_KEY: keys.apiV3Key,
    WECHATPAY_API_V2_KEY: keys.apiV2Key,
    WECHATPAY_FRAME_URL: url,
    WECHATPAY_PUBLIC_KEY_ID: keys.publicKeyId,
    WECHATPAY_PUBLIC_KEY: publicOf(keys.platformKey),
  }
}

export interface Bff {
  url: string
  /** where /healthz, /readyz and /metrics are */
  operationsUrl: string
  storage: string[]
}

/** What the BFF, or a tool beside it, has to be told of its directory, its keys and the sandbox bank. */
export function sandboxEnv(dataDir: string, bankUrl: string): NodeJS.ProcessEnv {
  const { masterKey, bank } = sandboxKeys(dataDir)
  return {
    SANDBOX: 'on',
    DATA_DIR: dataDir,
    MASTER_KEY: masterKey,
    BANK_URL: bankUrl,
    BANK_KEY_ID: KEY_ID,
    BANK_PRIVATE_KEY: bank.client.privateKey,
    BANK_PUBLIC_KEY: bank.bank.publicKey,
  }
}

/** Starts the BFF against a sandbox bank; `env` overrides, e.g. PORT, REDIS_URL, DATABASE_URL. `log`: an open file for what it logs, else our standard error. `main`: its own file, of another version's. */
export function startSandboxBff(
  dataDir: string,
  bankUrl: string,
  env: NodeJS.ProcessEnv,
  log?: number,
  main = fileOf('../main'),
): Promise<Child<Bff>> {
  return forkChild<Bff>(main, [], { env: { ...sandboxEnv(dataDir, bankUrl), ...env }, stderr: log })
}

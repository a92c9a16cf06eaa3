import { join, resolve } from 'node:path'
import { type Child, forkChild } from '../children'
import { keptKeys, rsaKeys } from '../keys'

export interface SandboxAlipay {
  url: string
  /** what the BFF has to be told of it */
  env: NodeJS.ProcessEnv
  child: Child<{ url: string }>
}

/** Next to this file, whether it runs from TypeScript or from the compiled server. */
const MAIN = resolve(__dirname, __filename.endsWith('.ts') ? 'main.ts' : 'main.js')

/** The app under which the sandbox's Alipay knows us, and the account there that is paid for all merchants. */
const ALIPAY_APP_ID = '2021000148676001'
const ALIPAY_SELLER_ID = '2088102146225135'

/**
 * Starts the sandbox's Alipay on a free port, with its keys and books in `dataDir`. `publicUrl`: where browsers and its notices find the BFF.
 * With the one that was running before, at the same address again.
 */
export async function startSandboxAlipay(
  dataDir: string,
  publicUrl: string,
  env: NodeJS.ProcessEnv,
  before?: Pick<SandboxAlipay, 'url'>,
): Promise<SandboxAlipay> {
  const { ours, theirs } = keptKeys(dataDir, 'alipay-keys.json', () => ({ ours: rsaKeys(), theirs: rsaKeys() }))
  const options = {
    production: false,
    port: before ? Number(new URL(before.url).port) : 0,
    sellerId: ALIPAY_SELLER_ID,
    dataDir: join(dataDir, 'alipay'),
    keys: theirs,
    apps: [
      {
        appId: ALIPAY_APP_ID,
        publicKey: ours.publicKey,
        redirectHost: new URL(publicUrl).host,
        names: 'open_id',
      },
    ],
  }
  const child = await forkChild<{ url: string }>(MAIN, [], { env, secret: options })
  const { url } = child.said
  const told: NodeJS.ProcessEnv = {
    PUBLIC_URL: publicUrl,
    ALIPAY_APP_ID,
    ALIPAY_SELLER_ID,
    ALIPAY_PRIVATE_KEY: ours.privateKey,
    ALIPAY_PUBLIC_KEY: theirs.publicKey,
    ALIPAY_GATEWAY_URL: `${url}/gateway.do`,
    ALIPAY_OPEN_URL: url,
  }
  return { url, child, env: told }
}

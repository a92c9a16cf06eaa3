import { generateKeyPairSync } from 'node:crypto'
import { join, resolve } from 'node:path'
import { forkChild } from '../children'

/** Next to this file, whether it runs from TypeScript or from the compiled server. */
const MAIN = resolve(__dirname, __filename.endsWith('.ts') ? 'main.ts' : 'main.js')

/** The app under which the sandbox's Alipay knows us, and the account there that is paid for all merchants. */
const ALIPAY_APP_ID = '2021000148676001'
const ALIPAY_SELLER_ID = '2088102146225135'

/**
 * Starts the sandbox's Alipay on a free port, with its books in `<dataDir>/alipay`. Answers where it is and what the BFF has to be told of
 * it; its keys are made anew each time. `publicUrl`: where browsers and its notices find the BFF.
 */
export async function startSandboxAlipay(dataDir: string, publicUrl: string, env: NodeJS.ProcessEnv) {
  const ours = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const redirectHost = new URL(publicUrl).host
  const options = {
    production: false,
    sellerId: ALIPAY_SELLER_ID,
    file: join(dataDir, 'alipay', 'books.json'),
    apps: [{ appId: ALIPAY_APP_ID, publicKey: ours.publicKey, redirectHost, names: 'open_id' }],
  }
  const child = await forkChild<{ url: string; publicKey: string }>(MAIN, [], { env, secret: options })
  const { url, publicKey } = child.said
  const told: NodeJS.ProcessEnv = {
    PUBLIC_URL: publicUrl,
    ALIPAY_APP_ID,
    ALIPAY_SELLER_ID,
    ALIPAY_PRIVATE_KEY: ours.privateKey,
    ALIPAY_PUBLIC_KEY: publicKey,
    ALIPAY_GATEWAY_URL: `${url}/gateway.do`,
    ALIPAY_OPEN_URL: url,
  }
  return { url, child, env: told }
}

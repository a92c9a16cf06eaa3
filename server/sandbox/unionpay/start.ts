import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Child, forkChild } from '../children'

/** The group whose statement holds the rows of the sandbox's merchants, our certificate's number, and who asks QRA. */
const GROUP = '777290058140000'
const CERT_ID = '68759663125'
const QRA = 'QRA777290058140'

export interface SandboxUnionPay {
  url: string
  /** what the BFF has to be told of it */
  env: NodeJS.ProcessEnv
  child: Child<{ url: string }>
}

/** Next to this file, whether it runs from TypeScript or from the compiled server. */
const MAIN = resolve(__dirname, __filename.endsWith('.ts') ? 'main.ts' : 'main.js')

/**
 * Starts the sandbox's UnionPay on a free port, with its books in `dataDir`; keys are made anew each time. `publicUrl`: where browsers and its notices find the BFF.
 */
export async function startSandboxUnionPay(
  dataDir: string,
  publicUrl: string,
  env: NodeJS.ProcessEnv,
): Promise<SandboxUnionPay> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const options = {
    client: { certId: CERT_ID, publicKey, merIds: GROUP.slice(0, 11) },
    qra: { mchId: QRA, publicKey, redirectHost: new URL(publicUrl).host },
    file: join(dataDir, 'unionpay.json'),
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const child = await forkChild<{ url: string; authorities: string; publicKey: string }>(MAIN, [], {
    env,
    secret: options,
  })
  const { url, authorities, publicKey: theirs } = child.said
  const caFile = join(dataDir, 'unionpay.pem')
  writeFileSync(caFile, authorities)
  const told: NodeJS.ProcessEnv = {
    PUBLIC_URL: publicUrl,
    UNIONPAY_MER_ID: GROUP,
    UNIONPAY_CERT_ID: CERT_ID,
    UNIONPAY_PRIVATE_KEY: privateKey,
    UNIONPAY_CA_FILE: caFile,
    UNIONPAY_URL: url,
    UNIONPAY_FILES_URL: `${url}/`,
    UNIONPAY_QRA_MCH_ID: QRA,
    UNIONPAY_QRA_PRIVATE_KEY: privateKey,
    UNIONPAY_QRA_PUBLIC_KEY: theirs,
    UNIONPAY_QRA_URL: `${url}/pay/gateway`,
    UNIONPAY_OPEN_URL: url,
  }
  return { url, child, env: told }
}

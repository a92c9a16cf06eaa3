import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Child, forkChild } from '../children'
import { keptKeys, rsaKeys } from '../keys'
import { generateUnionPayKeys } from './keys'

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
 * Starts the sandbox's UnionPay on a free port, with its keys and books in `dataDir`. `publicUrl`: where browsers and its notices find the BFF.
 * With the one that was running before, at the same address again.
 */
export async function startSandboxUnionPay(
  dataDir: string,
  publicUrl: string,
  env: NodeJS.ProcessEnv,
  before?: Pick<SandboxUnionPay, 'url'>,
): Promise<SandboxUnionPay> {
  const keys = keptKeys(dataDir, 'unionpay-keys.json', () => ({ ours: rsaKeys(), theirs: generateUnionPayKeys() }))
  const { publicKey, privateKey } = keys.ours
  const options = {
    client: { certId: CERT_ID, publicKey, merIds: GROUP.slice(0, 11) },
    qra: { mchId: QRA, publicKey, redirectHost: new URL(publicUrl).host },
    port: before ? Number(new URL(before.url).port) : 0,
    dataDir: join(dataDir, 'unionpay'),
    keys: keys.theirs,
  }
  const child = await forkChild<{ url: string; publicKey: string }>(MAIN, [], {
    env,
    secret: options,
  })
  const { url, publicKey: theirs } = child.said
  const caFile = join(dataDir, 'unionpay.pem')
  writeFileSync(caFile, keys.theirs.authorities)
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

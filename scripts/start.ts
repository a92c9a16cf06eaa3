import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import qrcode from 'qrcode-terminal'
import { sentenceOf } from '../server/main/sentence'
import { startSandboxAlipay } from '../server/sandbox/alipay/start'
import { phonePath } from '../server/sandbox/bank/phone'
import { ChildFailed } from '../server/sandbox/children'
import { startSandboxBank, startSandboxBff, startSandboxWechatpay } from '../server/sandbox/system'
import { startSandboxUnionPay } from '../server/sandbox/unionpay/start'
import { DirInUse, lockDir } from '../server/store/dir-lock'
import { buildPages } from './build-pages'
import { Refused, takesNoOptions } from './command'

/** How often it is looked whether npm is still there. */
const LOOK_MS = 500

/**
 * `npm start`: the whole product on this machine — pages, BFF, and a bank that is a separate, signed HTTP server.
 * REDIS_URL and DATABASE_URL put it on real stores; PORT and DATA_DIR place it. Ctrl-C stops all of it.
 */
async function main(): Promise<void> {
  if (process.env.NODE_ENV === 'production')
    throw new Refused('npm start runs the sandbox, which is refused in production; see docs/OPERATIONS.md')
  const dataDir = resolve(process.env.DATA_DIR || '.data')
  const lock = await lockDir(dataDir, 'start')
  const stops: (() => unknown)[] = [lock.release]
  const stop = once(async (code: number) => {
    for (const one of stops.reverse()) await one()
    process.exit(code)
  })
  process.on('SIGINT', () => {
    console.log('\nStopping …')
    stop(0)
  })
  process.on('SIGTERM', () => stop(0))
  endWithNpm(() => stop(0))

  const port = Number(process.env.PORT || 8787)
  await refuseUsedPort(port, process.env.HOST || '127.0.0.1')
  const started = startSandboxBank(dataDir, process.env).then((bank) => {
    stops.push(bank.child.stop)
    return bank
  })
  const publicUrl = process.env.PUBLIC_URL || `http://127.0.0.1:${port}`
  const kept = async <T extends Wallet>(starting: Promise<T>): Promise<T> => {
    const wallet = await starting
    stops.push(wallet.child.stop)
    wallet.child.ended.then(() => stop(1))
    return wallet
  }
  const [bank, wechatpay, alipay, unionPay] = await Promise.all([
    started,
    kept(startSandboxWechatpay(dataDir, process.env, publicUrl)),
    kept(startSandboxAlipay(dataDir, publicUrl, process.env)),
    kept(startSandboxUnionPay(dataDir, publicUrl, process.env)),
    buildPages('h5', (line) => process.stdout.write(line)),
  ])
  const password = process.env.SANDBOX_PASSWORD || randomBytes(9).toString('base64url')
  const told = { ...wechatpay.env, ...alipay.env, ...unionPay.env }
  const env = { LOG_LEVEL: 'warn', ...told, ...process.env, SANDBOX_PASSWORD: password }
  const bff = await startSandboxBff(dataDir, bank.url, env)
  stops.push(bff.stop)
  tell(bff.said, bank, { wechatpay, alipay, unionPay }, password)
  bank.child.ended.then(() => stop(1))
  bff.ended.then(() => stop(1))
}

/** npm hands a signal on to the shell that it began us with, and not every shell hands it on; killed by force it hands on nothing. */
function endWithNpm(stop: () => void): void {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && stop(), LOOK_MS).unref()
}

/** A wallet's sandbox, which ends with us, and we with it. */
interface Wallet {
  child: { stop(): Promise<void>; ended: Promise<unknown> }
}

/** Asked first, since the BFF would find out only when pages and stores are ready. A port that is none is the BFF's to name. */
function refuseUsedPort(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!(port > 0 && port < 65_536)) return resolve()
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return resolve()
      reject(new Refused(`port ${port} is in use by another program; give this one another PORT`))
    })
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

/** A browser has no wallet, so a tab pretends: its `app` by what people read. */
const APPS = { WeChat: 'wechat', Alipay: 'alipay', UnionPay: 'unionpay' }

function tell(
  bff: { url: string; storage: string[] },
  bank: { url: string; adminToken: string },
  {
    wechatpay,
    alipay,
    unionPay,
  }: Record<'wechatpay' | 'alipay' | 'unionPay', { url: string }> & {
    wechatpay: { adminToken: string }
  },
  password: string,
): void {
  const scan = `${bff.url}/q/M0001`
  const lines = [
    '',
    `  Payer page      ${bff.url}/#/pages/pay/index?merchant=M0001`,
    ...Object.entries(APPS).map(
      ([name, app]) => `  In ${name.padEnd(13)}${bff.url}/#/pages/pay/index?merchant=M0001&app=${app}`,
    ),
    '                  a tab that is told to be that app’s; the wallet asks on a page of its own, password 246810',
    `  Counter QR      ${scan}`,
    `  Merchant page   ${bff.url}/#/pages/merchant/index?merchant=M0001`,
    `  Rules           ${bff.url}/#/pages/rules/index?merchant=M0001`,
    `  Console         ${bff.url}/#/console/login/index`,
    `                  maker, checker, auditor, admin; password ${password}`,
    `  API             ${bff.url}/openapi.json`,
    `  Phone           ${bank.url}${phonePath(bank.adminToken)}`,
    '                  the codes that the bank texts to payers; this machine alone reads them',
    `  Sandbox bank    ${bank.url}   (admin token ${bank.adminToken})`,
    `  WeChat Pay      ${wechatpay.url}   (admin token ${wechatpay.adminToken})`,
    `  Alipay          ${alipay.url}   (POST /sandbox/faults and others)`,
    `  UnionPay        ${unionPay.url}   (POST /sandbox/faults and others)`,
    '',
    ...bff.storage.map((line) => `  ${line}`),
    '',
    '  Merchants M0001 … M0020. Ctrl-C stops everything; a restart keeps everything.',
  ]
  qrcode.generate(reachable(scan), { small: true }, (picture) => {
    console.log(picture.replace(/^/gm, '  '))
    console.log(lines.join('\n'))
  })
}

/** A telephone can't reach 127.0.0.1; when the BFF listens on every address, the QR names one it can. */
function reachable(url: string): string {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && one.family === 'IPv4' && !one.internal)
  return outside ? url.replace('//0.0.0.0', `//${outside.address}`) : url
}

function once<A extends unknown[]>(run: (...args: A) => Promise<void>): (...args: A) => void {
  let ran = false
  return (...args) => {
    if (ran) return
    ran = true
    run(...args)
  }
}

// Whoever says `--port 80` would hear of another port, and not why.
takesNoOptions()
main().catch((error) => {
  if (error instanceof ChildFailed) process.exit(1)
  console.error(error instanceof Refused ? error.message : (sentenceOf(error) ?? error))
  if (error instanceof DirInUse) console.error('Stop the other one first, or give this one another DATA_DIR and PORT.')
  process.exit(1)
})

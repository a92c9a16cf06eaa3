import { execFile, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bankAdmin, forkBank } from '../../harness/bank'
import { hasRedisServer, startTestRedis } from '../../harness/redis'
import { databaseUrl, postgresMissing, startOwnPostgres } from '../../harness/sql'
import { localAuthority, opensslMissing, startTlsFront } from '../../harness/tls'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { startWechatServer } from '../../server/sandbox/wechat/server'

/** A production: the compiled server and its tools, configured as docs/GO-LIVE.md has it, against servers that are real or act so. */

/** What a production is told by files: secrets that are its own, and pages. */
export function productionFiles() {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-production-'))
  const h5Dir = join(dir, 'h5')
  mkdirSync(h5Dir)
  writeFileSync(join(h5Dir, 'index.html'), '<!doctype html><title>付款</title>')
  return {
    dir,
    h5Dir,
    /** writes a secret, 0400 unless told; returns its path */
    secret(name: string, text: string, mode = 0o400): string {
      const path = join(dir, name)
      rmSync(path, { force: true })
      writeFileSync(path, text, { mode: 0o600 })
      chmodSync(path, mode)
      return path
    },
  }
}

/** A key as nobody would invent it. */
export const randomKey = (bytes = 32) => randomBytes(bytes).toString('hex')

/** Why there can be no production here; undefined when there can. */
export function productionMissing(): string | undefined {
  const redis = hasRedisServer() ? undefined : 'skipped: production (there is no redis-server)'
  return postgresMissing() ?? redis ?? opensslMissing()
}

export const PUBLIC_URL = 'https://pay.bank.example'
const WEAPP = { appId: 'wx3cbe919f36710d1c', secret: randomKey(16), kind: 'weapp', united: true } as const
const PAGE = { appId: 'wx8a41f0c92be7d365', secret: randomKey(16), kind: 'page', united: true } as const
const KEY_ID = 'fapai-2026'
const OUT = resolve(__dirname, '../../dist/production-test')

export interface Run {
  url: string
  operationsUrl: string
  /** SIGTERM; resolves with the exit code */
  stop(): Promise<number | null>
}

/** `build`: compiles the server to a folder, in which it runs. */
export async function openProduction(build: (out: string) => void) {
  build(OUT)
  const files = productionFiles()
  const authority = localAuthority(files.dir)
  const keys = generateBankKeys()
  const postgres = await startOwnPostgres()
  await postgres.fresh()
  const redis = await startTestRedis('redis-server')
  const adminToken = randomKey()
  const bank = await forkBank({
    production: false,
    port: 0,
    dataDir: join(files.dir, 'bank'),
    client: { keyId: KEY_ID, publicKey: keys.client.publicKey },
    privateKey: keys.bank.privateKey,
    adminToken,
  })
  const wechat = await startWechatServer({
    apps: [WEAPP, { ...PAGE, redirectHost: new URL(PUBLIC_URL).host }],
    production: false,
  })
  const bankFront = await startTlsFront(`http://127.0.0.1:${bank.said.port}`, authority)
  const wechatFront = await startTlsFront(wechat.url, authority)
  const masterKey = randomKey()
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    NODE_EXTRA_CA_CERTS: authority.caFile,
    PORT: '0',
    OPS_PORT: '0',
    LOG_LEVEL: 'debug',
    DATA_DIR: join(files.dir, 'data'),
    PUBLIC_URL,
    DATABASE_URL_FILE: files.secret('database-url', databaseUrl(postgres.connection())),
    REDIS_URL_FILE: files.secret('redis-url', redis.url),
    REDIS_TIMEOUT_MS: '20000',
    MASTER_KEY_FILE: files.secret('master', masterKey),
    BANK_URL: bankFront.url,
    BANK_CA_FILE: authority.caFile,
    BANK_NAME: '南城银行',
    BANK_KEY_ID: KEY_ID,
    BANK_PRIVATE_KEY_FILE: files.secret('bank-key', keys.client.privateKey),
    BANK_PUBLIC_KEY: keys.bank.publicKey,
    BANK_TIMEOUT_MS: '20000',
    WECHAT_API_URL: wechatFront.url,
    WECHAT_OPEN_URL: wechatFront.url,
    WECHAT_APPID: WEAPP.appId,
    WECHAT_SECRET_FILE: files.secret('weapp', WEAPP.secret),
    WECHAT_PAGE_APPID: PAGE.appId,
    WECHAT_PAGE_SECRET_FILE: files.secret('page', PAGE.secret),
    H5_DIR: files.h5Dir,
  }
  let logged = ''
  return {
    files,
    env,
    /** the environment of who brings the schema up to date: the URL of the role that owns it, in a file of its own */
    owners: { DATABASE_URL_FILE: files.secret('owner-database-url', databaseUrl(postgres.connection())) },
    /** the bank from its other side */
    bank: bankAdmin(`http://127.0.0.1:${bank.said.port}`, adminToken),
    wechat,
    /** what WeChat gives a person's mini-program */
    weappCode: (person: string) => wechat.platform.code(WEAPP.appId, person),
    /** who they are to WeChat, in the mini-program */
    idsOf: (person: string) => wechat.platform.idsOf(WEAPP.appId, person),
    /** what its configuration holds that nobody may read anywhere else */
    secrets: [masterKey, keys.client.privateKey, WEAPP.secret, PAGE.secret],
    /** all that was ever logged */
    logged: () => logged,
    /** @throws with what it said at its end, when it doesn't start */
    async start(more: NodeJS.ProcessEnv = {}): Promise<Run> {
      const child = fork(join(OUT, 'fapai'), ['start'], {
        env: { ...env, ...more },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: [],
      })
      let said = ''
      child.stderr!.on('data', (part) => {
        said += part
        logged += part
      })
      const ended = once(child, 'close').then(([code]) => code as number | null)
      const { url, operationsUrl } = await new Promise<Omit<Run, 'stop'>>((done, fail) => {
        child.on('message', (message: { kind: string } & Omit<Run, 'stop'>) => {
          if (message.kind === 'listening') done(message)
        })
        ended.then(() => fail(new Error(said)))
      })
      return {
        url,
        operationsUrl,
        stop() {
          child.kill('SIGTERM')
          return ended
        },
      }
    },
    /** what a command of `fapai` printed; it finds Node by the PATH, as in a container. @throws with its exit code and what it said */
    async fapai(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
      return (await promisify(execFile)(join(OUT, 'fapai'), [...args], { env: { ...env, ...more } })).stdout
    },
    async stop() {
      await Promise.all([bankFront.stop(), wechatFront.stop()])
      await Promise.all([bank.stop(), wechat.stop(), redis.stop(), postgres.stop()])
      for (const dir of [files.dir, OUT]) rmSync(dir, { recursive: true, force: true })
    },
  }
}

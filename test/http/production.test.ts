import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TYPESCRIPT } from '../../harness/typescript'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { readConfig } from '../../server/config'
import { withSecretFiles } from '../../server/config/secret-file'
import { outputOf } from '../../server/config/secret-program'
import { SECRETS } from '../../server/config/secrets'
import { isWeakKey } from '../../server/config/weak'
import { configFaults } from '../support/config-faults'
import { productionFiles, randomKey } from '../support/production'

const files = productionFiles()
const { secret } = files
afterAll(() => rmSync(files.dir, { recursive: true, force: true }))

const keys = generateBankKeys()
/** Everything real, as docs/GO-LIVE.md has it. */
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pay.bank.example',
  DATABASE_URL: 'postgres://fapai:secret@db.bank.example/fapai?sslmode=verify-full',
  REDIS_URL: 'rediss://:secret@cache.bank.example:6380',
  MASTER_KEY_FILE: secret('master', `${randomKey()}\n`),
  BANK_URL: 'https://bank.example/fapai',
  BANK_NAME: '南城银行',
  BANK_KEY_ID: 'fapai-2026',
  BANK_PRIVATE_KEY_FILE: secret('bank', keys.client.privateKey),
  BANK_PUBLIC_KEY: keys.bank.publicKey,
  WECHAT_APPID: 'wx3cbe919f36710d1c',
  WECHAT_SECRET_FILE: secret('wechat', randomKey(16)),
  WECHAT_PAGE_APPID: 'wx8a41f0c92be7d365',
  WECHAT_PAGE_SECRET_FILE: secret('wechat-page', randomKey(16)),
  H5_DIR: files.h5Dir,
  OPS_PORT: '9464',
}
type Env = NodeJS.ProcessEnv

const names = (change: Env) => configFaults({ ...PRODUCTION, ...change }).map((fault) => fault.split(':')[0])

describe('production', () => {
  it('starts with all of it, and reads its secrets from their files', () => {
    const config = readConfig(PRODUCTION)
    expect(config).toMatchObject({ production: true, sandbox: false, sandboxPassword: undefined })
    expect(config.channels.bank.privateKey).toBe(keys.client.privateKey)
    expect(config.wechat.weapp?.secret).toMatch(/^[0-9a-f]{32}$/)
    const two = secret('previous', `${randomKey()}\n${randomKey()}\n`)
    expect(readConfig({ ...PRODUCTION, MASTER_KEYS_PREVIOUS_FILE: two }).previousMasterKeys).toHaveLength(2)
  })

  const missing = [
    'DATABASE_URL',
    'REDIS_URL',
    'PUBLIC_URL',
    'OPS_PORT',
    'BANK_URL',
    'BANK_NAME',
    'BANK_KEY_ID',
    'BANK_PUBLIC_KEY',
    'MASTER_KEY_FILE',
    'BANK_PRIVATE_KEY_FILE',
    'WECHAT_SECRET_FILE',
  ]
  it.each(missing)('is refused without %s', (name) => {
    const said = name === 'WECHAT_SECRET_FILE' ? 'WECHAT_APPID' : name.replace('_FILE', '')
    expect(names({ [name]: undefined })).toEqual([said])
  })

  it('needs somebody’s word on who a payer is', () => {
    const none = Object.fromEntries(
      Object.keys(PRODUCTION)
        .map((name) => [name, undefined])
        .filter(([name]) => /^WECHAT/.test(String(name))),
    )
    expect(names(none)).toEqual(['WECHAT_APPID'])
    expect(names({ WECHAT_APPID: undefined, WECHAT_SECRET_FILE: undefined })).toEqual([])
  })

  const sequence = Array.from({ length: 32 }, (_, i) => (i + 1).toString(16).padStart(2, '0')).join('')
  const weak: [name: string, change: Env][] = [
    ['SANDBOX', { SANDBOX: 'on' }],
    ['SANDBOX_CODE', { SANDBOX_CODE: '000000' }],
    ['SANDBOX_EASY', { SANDBOX_EASY: 'on' }],
    ['SANDBOX_PASSWORD', { SANDBOX_PASSWORD: 'long-enough' }],
    ['CRASH_AT', { CRASH_AT: 'after-open' }],
    ['CLOCK_SHIFT_MS', { CLOCK_SHIFT_MS: '1' }],
    ['RATE_LIMITS', { RATE_LIMITS: 'off' }],
    ['NODE_TLS_REJECT_UNAUTHORIZED', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
    ['BANK_KEY_ID', { BANK_KEY_ID: 'fapai-sandbox' }],
    ['BANK_NAME', { BANK_NAME: '发牌示范银行' }],
    ['BANK_URL', { BANK_URL: 'http://bank.example/fapai' }],
    ['WECHAT_APPID', { WECHAT_APPID: 'touristappid' }],
    ['WECHAT_APPID', { WECHAT_APPID: 'wx0000000000000000' }],
    ['WECHAT_APPID', { WECHAT_APPID: 'wx0123456789abcdef' }],
    ['WECHAT_PAGE_APPID', { WECHAT_PAGE_APPID: 'wx00000000000000b2' }],
    ['WECHAT_SECRET', { WECHAT_SECRET_FILE: secret('weak-wechat', 'a'.repeat(32)) }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://pay.bank.example' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://127.0.0.1:8787' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://localhost' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://127.0.0.1' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://10.0.0.7' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://bff.local' }],
    ['MASTER_KEY', { MASTER_KEY_FILE: secret('zeros', '00'.repeat(32)) }],
    ['MASTER_KEY', { MASTER_KEY_FILE: secret('pattern', 'deadbeef'.repeat(8)) }],
    ['MASTER_KEY', { MASTER_KEY_FILE: secret('sequence', sequence) }],
    ['MASTER_KEY', { MASTER_KEY_FILE: secret('short', 'ab12') }],
    ['MASTER_KEYS_PREVIOUS', { MASTER_KEYS_PREVIOUS_FILE: secret('old', `${randomKey()},${'ab'.repeat(32)}`) }],
    ['BANK_PRIVATE_KEY', { BANK_PRIVATE_KEY_FILE: secret('one', `${'00'.repeat(31)}01`) }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://fapai:secret@db.bank.example/fapai' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://fapai@db.bank.example/fapai?sslmode=no-verify' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://fapai@db.bank.example/fapai?sslmode=require&uselibpqcompat=true' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://fapai@localhost/fapai?host=10.0.0.7' }],
    ['REDIS_URL', { REDIS_URL: 'redis://:secret@cache.bank.example' }],
    ['REDIS_URL', { REDIS_URL: 'redis+cluster://127.0.0.1:7000,cache.bank.example:7000' }],
    ['REDIS_URL', { REDIS_URL: 'redis+sentinel://:p@10.0.0.7:26379/street' }],
    ['H5_DIR', { H5_DIR: join(files.dir, 'nothing') }],
    ['BANK_CA_FILE', { BANK_CA_FILE: PRODUCTION.MASTER_KEY_FILE }],
  ]
  it.each(weak)('is refused for its %s: %j', (name, change) => {
    expect(names(change)).toEqual([name])
  })

  const strong: Env[] = [
    { DATABASE_URL: 'postgres://fapai@localhost/fapai?host=%2Fvar%2Frun%2Fpostgresql' },
    { DATABASE_URL: 'postgres://fapai:secret@127.0.0.1/fapai', REDIS_URL: '/run/redis.sock' },
    { DATABASE_URL: 'postgres://fapai@10.0.0.7/fapai', DATABASE_PLAINTEXT: 'on' },
    { REDIS_URL: 'redis://10.0.0.7', REDIS_PLAINTEXT: 'on' },
    { REDIS_URL: 'redis+cluster://127.0.0.1:7000,[::1]:7001' },
    { REDIS_URL: 'rediss+sentinel://cache.bank.example:26379/street' },
    { BANK_URL: 'http://127.0.0.1:9000/fapai' },
    { SANDBOX: 'off' },
  ]
  it.each(strong)('takes %j', (change) => expect(names(change)).toEqual([]))

  it('takes no secret from the environment, where others read it', () => {
    for (const name of ['MASTER_KEY', 'BANK_PRIVATE_KEY', 'WECHAT_SECRET', 'WECHAT_PAGE_SECRET']) {
      const value = readSecret(name)
      expect(names({ [`${name}_FILE`]: undefined, [name]: value })).toEqual([name])
      expect(names({ [name]: value })).toContain(`${name}_FILE`)
    }
  })
  const readSecret = (name: string) => {
    const { masterKey, channels, wechat } = readConfig(PRODUCTION)
    const all: Env = {
      MASTER_KEY: masterKey.toString('hex'),
      BANK_PRIVATE_KEY: channels.bank.privateKey,
      WECHAT_SECRET: wechat.weapp?.secret,
      WECHAT_PAGE_SECRET: wechat.page?.secret,
    }
    return all[name]
  }
})

describe('a secret’s file', () => {
  const fault = (path: string) => configFaults({ ...PRODUCTION, MASTER_KEY_FILE: path })

  it.each([0o404, 0o604, 0o444, 0o402, 0o401])('is refused when everybody may touch it, mode %d', (mode) => {
    expect(fault(secret(`mode-${mode}`, randomKey(), mode))).toEqual([
      expect.stringMatching(/^MASTER_KEY_FILE: is open to everybody on this machine \(chmod 0\d{3}\)$/),
    ])
  })

  it('is its owner’s or its group’s', () => {
    for (const mode of [0o400, 0o600, 0o440, 0o640])
      expect(fault(secret(`mine-${mode}`, randomKey(), mode))).toEqual([])
  })

  it('that isn’t there, is a folder, is empty or no secret is told as that, and never quoted', () => {
    const folder = join(files.dir, 'folder')
    mkdirSync(folder)
    expect(fault(join(files.dir, 'none'))).toEqual(["MASTER_KEY_FILE: can't be read (ENOENT)"])
    expect(fault(folder)).toEqual(['MASTER_KEY_FILE: is no file'])
    expect(fault(secret('empty', ' \n'))).toEqual(['MASTER_KEY_FILE: is empty'])
    expect(fault(secret('large', 'ab'.repeat(20_000)))).toEqual(['MASTER_KEY_FILE: is too large for a secret'])
    expect(fault(secret('words', 'do-not-print-this')).join()).not.toContain('do-not-print')
  })

  it('serves outside of production as well, there beside the environment', () => {
    const path = join(files.dir, 'later')
    writeFileSync(path, randomKey())
    chmodSync(path, 0o600)
    const env = { ...PRODUCTION, NODE_ENV: 'development', MASTER_KEY_FILE: path, DATABASE_URL: undefined }
    expect(readConfig(env).masterKey).toHaveLength(32)
    const { MASTER_KEY_FILE: _, ...plain } = env
    expect(readConfig({ ...plain, MASTER_KEY: 'ab'.repeat(32) }).masterKey).toHaveLength(32)
  })
})

describe('a secret’s program', () => {
  const program = (name: string, text: string) => {
    const path = secret(name, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o500)
    return path
  }
  const by = (command: string): Env => ({ ...PRODUCTION, MASTER_KEY_FILE: undefined, MASTER_KEY_COMMAND: command })

  it('is run once, with its words and without a shell', () => {
    const key = randomKey()
    const ran = join(files.dir, 'ran')
    const kms = program('kms', `for word; do echo "$word" >> ${ran}; done; echo ${key}`)
    expect(readConfig(by(`${kms}  decrypt "$HOME" ;`)).masterKey.toString('hex')).toBe(key)
    expect(readFileSync(ran, 'utf8').split('\n')).toEqual(['decrypt', '"$HOME"', ';', ''])
  })

  it('may give each secret that there is', () => {
    const echo = program('echo', 'echo "$1"')
    for (const name of SECRETS) {
      const command = { [`${name}_COMMAND`]: `${echo} ${name}-said` }
      expect(withSecretFiles(command)).toMatchObject({ env: { [name]: `${name}-said` }, faults: new Map() })
      // Neither of two is taken for the right one, and nothing is run for it.
      const { env, faults } = withSecretFiles({ ...command, [`${name}_FILE`]: echo })
      expect([env[name], faults.get(name)]).toEqual([
        undefined,
        `${name}_COMMAND: goes without ${name} from anywhere else`,
      ])
    }
  })

  it('that fails, hangs or gives no secret is told as that, and never quoted', () => {
    const key = randomKey()
    const fault = (command: string) => configFaults(by(command))
    expect(configFaults({ ...PRODUCTION, MASTER_KEY_COMMAND: program('unused', `echo ${key}`) })).toEqual([
      'MASTER_KEY_COMMAND: goes without MASTER_KEY from anywhere else',
    ])
    expect(fault(program('mute', ':'))).toEqual(['MASTER_KEY_COMMAND: gives nothing'])
    expect(fault(program('ill', `echo ${key}; echo ${key} >&2; exit 3`))).toEqual([
      'MASTER_KEY_COMMAND: fails (3); by hand, as this user, it says why',
    ])
    expect(fault(program('killed', 'kill -9 $$'))[0]).toContain('fails (SIGKILL)')
    expect(fault(program('endless', 'yes'))).toEqual(['MASTER_KEY_COMMAND: gives too much for a secret'])
    expect(fault(join(files.dir, 'none'))).toEqual(["MASTER_KEY_COMMAND: can't be run (ENOENT)"])
    expect(fault('cat master')).toEqual(['MASTER_KEY_COMMAND: must begin with the path of a program, from the root on'])
    expect(fault(program('chatty', 'echo nonsense')).join()).not.toContain('nonsense')
    const deaf = program('deaf', "trap '' TERM; while :; do :; done")
    expect(outputOf(deaf, 200)).toEqual({ fault: 'gives no answer within 0.2 s' })
  })

  it('is over when it ends: an agent that it leaves behind holds no start up, whatever that one says', () => {
    const began = performance.now()
    const leaving = program('leaving', '(sleep 20; echo late) & echo its-secret')
    expect(outputOf(leaving, 5_000)).toBe('its-secret')
    const failing = program('failing', 'sleep 20 & exit 4')
    expect(outputOf(failing, 5_000)).toEqual({ fault: 'fails (4); by hand, as this user, it says why' })
    expect(performance.now() - began).toBeLessThan(15_000)
    // Words that node itself would take.
    const echo = program('echo-all', 'echo "$@"')
    expect(outputOf(`${echo} --version -- -e`)).toBe('--version -- -e')
  })

  it('and a file give one line of what is one, and keys of PEM as they are', () => {
    const two = program('two-lines', 'echo "warning: this token ends soon"; echo its-secret')
    for (const name of ['WECHAT_SECRET', 'OIDC_CLIENT_SECRET', 'DATABASE_URL', 'REDIS_URL'])
      for (const from of ['_COMMAND', '_FILE']) {
        const { env, faults } = withSecretFiles({ [`${name}${from}`]: two })
        expect([env[name], faults.get(name)]).toEqual([undefined, `${name}${from}: gives more than one line`])
      }
    const pem = program('pem', "printf -- '-----BEGIN PRIVATE KEY-----\\nMC4\\n-----END PRIVATE KEY-----\\n'")
    for (const name of ['BANK_CLIENT_KEY', 'WECHATPAY_PRIVATE_KEY', 'UNIONPAY_PRIVATE_KEY'])
      expect(withSecretFiles({ [`${name}_COMMAND`]: pem }).env[name]!.split('\n')).toHaveLength(3)
  })

  it('says what it likes on its standard error, and our log has none of it', () => {
    const telling = program('telling', 'echo do-not-print-this >&2; exit 1')
    const text = `require('./server/config/secret-program').outputOf(${JSON.stringify(telling)})`
    const { status, stderr } = spawnSync(process.execPath, ['-e', text], {
      cwd: join(__dirname, '../..'),
      env: { ...process.env, ...TYPESCRIPT },
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

it('a key drawn by lot is never taken for weak', () => {
  for (let i = 0; i < 2_000; i++) expect(isWeakKey(Buffer.from(randomKey(i % 2 ? 16 : 32), 'hex'))).toBe(false)
})

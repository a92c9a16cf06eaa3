import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localAuthority, opensslMissing, startTlsFront } from '../../harness/tls'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { ConfigFaults, openConfig } from '../../server/config'
import { KeyRefused, KeyServiceUnavailable } from '../../server/flow/ports'
import { transitKeys } from '../../server/kms/transit'
import { sentenceOf } from '../../server/main/sentence'
import { unwrapping } from '../../server/main/wrapped-keys'
import { productionFiles, randomKey } from '../support/production'

/** A transit engine over HTTP as its documentation has it (https://openbao.org/api-docs/secret/transit/): statuses, errors and headers. */

const TOKEN = `hvs.${randomKey(16)}`
const inside = randomBytes(32)

/** `vault:v1:` and base64 of nonce, what is encrypted, and tag. */
function wrap(key: Uint8Array, by = inside): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', by, nonce)
  const parts = [nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]
  return `vault:v1:${Buffer.concat(parts).toString('base64')}`
}

function open(text: string): Buffer {
  const bytes = Buffer.from(text.replace('vault:v1:', ''), 'base64')
  const decipher = createDecipheriv('aes-256-gcm', inside, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
}

type Answer = (reply: ServerResponse, ask: { body: string } & IncomingMessage) => void

function says(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return (reply) =>
    void reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}
const errors = (status: number, ...texts: string[]) => says(status, { errors: texts })

const honest: Answer = (reply, ask) => {
  if (ask.url !== '/v1/transit/decrypt/fapai' || ask.method !== 'POST')
    return errors(404, 'no handler for route')(reply, ask)
  if (ask.headers['x-vault-token'] !== TOKEN) return errors(403, 'permission denied')(reply, ask)
  try {
    const plaintext = open(JSON.parse(ask.body).ciphertext).toString('base64')
    return says(200, { request_id: '1', lease_id: '', data: { plaintext } })(reply, ask)
  } catch {
    return errors(400, 'invalid ciphertext: unable to decrypt')(reply, ask)
  }
}

let answers: Answer[] = []
const asked: { url: string | undefined; body: string; headers: IncomingMessage['headers'] }[] = []
const server = createServer(async (request, reply) => {
  let body = ''
  for await (const part of request) body += part
  asked.push({ url: request.url, body, headers: request.headers })
  const answer = answers.shift() ?? honest
  answer(reply, Object.assign(request, { body }))
})
const files = productionFiles()
let url = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  answers = []
  asked.length = 0
})
afterAll(async () => {
  rmSync(files.dir, { recursive: true })
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const NONE = { namespace: undefined, ca: undefined }
const service = (change: object = {}) =>
  transitKeys({ url, mount: 'transit', key: 'fapai', token: TOKEN, ...NONE, timeoutMs: 20_000, ...change })
const key = randomBytes(32)

describe('a transit engine', () => {
  it('opens a key by one call, which names token, key and namespace, and is marked as none of a browser’s', async () => {
    const wrapped = wrap(key)
    expect(Buffer.from(await service({ namespace: 'bank/pay' }).unwrap(wrapped))).toEqual(key)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ url: '/v1/transit/decrypt/fapai', body: JSON.stringify({ ciphertext: wrapped }) })
    expect(asked[0]!.headers).toMatchObject({
      ...{ 'x-vault-token': TOKEN, 'x-vault-namespace': 'bank/pay', 'x-vault-request': 'true' },
    })
    await expect(service({ token: undefined }).unwrap(wrapped)).rejects.toThrow('(403)')
    expect(asked[1]!.headers).not.toHaveProperty('x-vault-token')
  })

  it.each<[number, RegExp]>([
    [400, /doesn’t open it \(400\).* KMS_KEY$/],
    [403, /doesn’t let us \(403\): KMS_TOKEN/],
    [404, /no such path \(404\): KMS_MOUNT/],
    [301, /sends us elsewhere \(301\).*KMS_URL$/],
    [204, /answers as no key service does \(204\)/],
  ])('refuses by %i for good, and nothing that it says is quoted', async (status, sentence) => {
    answers = [errors(status, `echo of ${TOKEN}`)]
    const error = await service()
      .unwrap(wrap(key))
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(KeyRefused)
    expect(error.message).toMatch(sentence)
    expect(error.message).not.toContain(TOKEN)
    expect(error.cause).toBeUndefined()
  })

  it('can’t say now: sealed, busy, behind, broken, or standing by', async () => {
    for (const status of [503, 429, 412, 500, 502, 307]) {
      answers = [errors(status, 'Vault is sealed')]
      const error = await service()
        .unwrap(wrap(key))
        .catch((thrown) => thrown)
      expect([status, error.name]).toEqual([status, 'KeyServiceUnavailable'])
      expect(error.message).toContain(`(${status})`)
    }
  })

  it('takes its token along to nobody else', async () => {
    const strange = jest.fn()
    const elsewhere = createServer((_, reply) => {
      strange()
      reply.end()
    }).listen(0, '127.0.0.1')
    // One that is left open by a failure would keep jest from ending.
    elsewhere.unref()
    await once(elsewhere, 'listening')
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v1/transit/decrypt/fapai`
    for (const status of [301, 302, 307, 308]) answers.push(says(status, {}, { location }))
    for (const status of [301, 302, 307, 308]) await expect(service().unwrap(wrap(key))).rejects.toThrow(`(${status})`)
    expect(strange).not.toHaveBeenCalled()
    elsewhere.close()
  })

  it('isn’t believed when it says too much, or what is no key', async () => {
    answers = [says(200, { data: { plaintext: key.toString('base64'), more: 'x'.repeat(20_000) } })]
    await expect(service().unwrap(wrap(key))).rejects.toThrow('answers more than a key')
    const nonsense = [{ data: { plaintext: '%%' } }, { data: {} }, [], null, { errors: [] }]
    for (const value of nonsense) {
      answers = [says(200, value)]
      await expect(service().unwrap(wrap(key))).rejects.toThrow('answers with no key')
    }
  })

  it('is waited for no longer than told, neither for its head nor for its end', async () => {
    const silent: Answer = () => {}
    const dripping: Answer = (reply) => void reply.writeHead(200).write('{')
    for (const slow of [silent, dripping]) {
      answers = [slow]
      const error = await service({ timeoutMs: 100 })
        .unwrap(wrap(key))
        .catch((thrown) => thrown)
      expect(error).toBeInstanceOf(KeyServiceUnavailable)
      expect(error.message).toMatch(/^the key service at 127\.0\.0\.1:\d+ gives no answer within 100 ms$/)
    }
  })

  it('breaks off, or isn’t there', async () => {
    answers = [(reply) => void reply.destroy()]
    await expect(service().unwrap(wrap(key))).rejects.toThrow('is away (UND_ERR_SOCKET)')
    await expect(service({ url: 'http://127.0.0.1:1' }).unwrap(wrap(key))).rejects.toThrow('is away (ECONNREFUSED)')
  })
})

const missing = opensslMissing()
if (missing) console.warn(missing)
;(missing ? it.skip : it)('is believed by its authority alone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-kms-'))
  const authority = localAuthority(dir)
  const front = await startTlsFront(url, authority)
  const { readFileSync } = await import('node:fs')
  const ca = readFileSync(authority.caFile, 'utf8')
  expect(Buffer.from(await service({ url: front.url, ca }).unwrap(wrap(key)))).toEqual(key)
  const asks = asked.length
  const error = await service({ url: front.url })
    .unwrap(wrap(key))
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(KeyRefused)
  expect(error.message).toMatch(/a certificate that isn’t believed \(\w+\): KMS_CA_FILE$/)
  expect(asked).toHaveLength(asks)
  await front.stop()
  rmSync(dir, { recursive: true })
})

describe('a start', () => {
  const bank = generateBankKeys()
  const environment = (): NodeJS.ProcessEnv => ({
    MASTER_KEY_WRAPPED: wrap(key),
    KMS_URL: url,
    KMS_KEY: 'fapai',
    KMS_TOKEN_FILE: files.secret('token', `${TOKEN}\n`),
    KMS_TIMEOUT_MS: '20000',
    BANK_URL: 'https://bank.example/fapai',
    BANK_KEY_ID: 'fapai',
    BANK_PRIVATE_KEY: bank.client.privateKey,
    BANK_PUBLIC_KEY: bank.bank.publicKey,
  })
  const warned: object[] = []
  const log = () => ({ warn: (what: object) => void warned.push(what) })
  const starts = (change: NodeJS.ProcessEnv = {}, forMs = 600_000) =>
    openConfig(unwrapping(log as never, undefined, { forMs, pauseMs: 1 }), { ...environment(), ...change })
  const faultsOf = async (change: NodeJS.ProcessEnv) => {
    const error = await starts(change).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ConfigFaults)
    return error.message
      .split('\n')
      .slice(1)
      .map((line: string) => line.trim())
  }
  beforeEach(() => void warned.splice(0))

  it('has its keys from what is wrapped: the master key, those before it, the bank’s', async () => {
    const [one, other] = [randomBytes(32), randomBytes(32)]
    const config = await starts({
      MASTER_KEYS_PREVIOUS_WRAPPED: `${wrap(one)}, ${wrap(other)}`,
      BANK_PRIVATE_KEY: '',
      BANK_PRIVATE_KEY_WRAPPED: wrap(Buffer.from(bank.client.privateKey, 'hex')),
    })
    expect(config.masterKey).toEqual(key)
    expect(config.previousMasterKeys).toEqual([one, other])
    expect(config.channels.bank.privateKey).toBe(bank.client.privateKey)
    expect(asked).toHaveLength(4)
  })

  it('waits for one that is sealed, says so, and goes on when it is open', async () => {
    answers = [errors(503, 'Vault is sealed'), errors(503, 'Vault is sealed')]
    expect((await starts()).masterKey).toEqual(key)
    const because = expect.stringMatching(/is sealed, or down for maintenance \(503\)$/)
    expect(warned).toEqual([expect.objectContaining({ because }), expect.objectContaining({ because })])
    expect(JSON.stringify(warned)).not.toContain(TOKEN)
  })

  it('ends in a sentence where it stays away', async () => {
    const error = await starts({ KMS_URL: 'http://127.0.0.1:1' }, 0).catch((thrown) => thrown)
    expect(sentenceOf(error)).toBe('the key service at 127.0.0.1:1 is away (ECONNREFUSED)')
  })

  it('is refused at once, by the variable’s name, with what isn’t its key', async () => {
    const strange = wrap(key, randomBytes(32))
    expect(await faultsOf({ MASTER_KEY_WRAPPED: strange })).toEqual([
      expect.stringMatching(/^MASTER_KEY_WRAPPED: the key service at .* doesn’t open it \(400\)/),
    ])
    expect(asked).toHaveLength(1)
    for (const bytes of [16, 31, 33, 64])
      expect(await faultsOf({ MASTER_KEY_WRAPPED: wrap(randomBytes(bytes)) })).toEqual([
        `MASTER_KEY_WRAPPED: holds ${bytes} bytes, and a key has 32`,
      ])
    const weak = { MASTER_KEY_WRAPPED: wrap(Buffer.alloc(32, 7)), NODE_ENV: 'production' }
    expect(await faultsOf({ ...weak, ...productionOf() })).toEqual(['MASTER_KEY: is no random key'])
  })

  /** What production wants beside keys. */
  function productionOf(): NodeJS.ProcessEnv {
    return {
      ...{ PUBLIC_URL: 'https://pay.bank.example', OPS_PORT: '9464', BANK_NAME: '南城银行', H5_DIR: files.h5Dir },
      DATABASE_URL: 'postgres://fapai:secret@db.bank.example/fapai?sslmode=verify-full',
      REDIS_URL: 'rediss://:secret@cache.bank.example:6380',
      BANK_PRIVATE_KEY: '',
      BANK_PRIVATE_KEY_FILE: files.secret('bank', bank.client.privateKey),
      BANK_APP_TICKETS: 'on',
    }
  }

  it('is one of production, whose token comes from a file', async () => {
    const production = { NODE_ENV: 'production', ...productionOf() }
    expect((await starts(production)).masterKey).toEqual(key)
    const open = { ...production, KMS_TOKEN: TOKEN, KMS_TOKEN_FILE: '' }
    expect(await faultsOf(open)).toEqual([
      'KMS_TOKEN: comes from a file or a program in production, KMS_TOKEN_FILE or KMS_TOKEN_COMMAND',
    ])
  })

  it.each<[string, NodeJS.ProcessEnv]>([
    ['MASTER_KEY_WRAPPED: goes without MASTER_KEY from anywhere else', { MASTER_KEY: 'ab'.repeat(32) }],
    ['MASTER_KEY_WRAPPED: must be as the key service wraps: vault:v1:…', { MASTER_KEY_WRAPPED: 'ab'.repeat(32) }],
    ['KMS_URL: goes with MASTER_KEY_WRAPPED', { KMS_URL: '', KMS_TOKEN_FILE: '' }],
    ['KMS_URL: must be https, or http on this machine', { KMS_URL: 'http://vault.bank.example' }],
    ['KMS_KEY: goes with KMS_URL', { KMS_KEY: '' }],
    ['KMS_KEY: must be the name of a key', { KMS_KEY: '../../sys/seal' }],
    ['KMS_MOUNT: must be the path of a transit engine', { KMS_MOUNT: 'transit/../sys' }],
    ['KMS_TOKEN: must be a token', { KMS_TOKEN_FILE: files.secret('two-words', 'a b') }],
    ['KMS_TOKEN_FILE: gives more than one line', { KMS_TOKEN_FILE: files.secret('two-lines', 'a\r\nx-more: b') }],
    [
      'KMS_TOKEN: goes with a KMS_URL that is no agent on this machine',
      { KMS_URL: 'https://vault.bank.example', KMS_TOKEN_FILE: '' },
    ],
    ['BANK_URL: Invalid input: expected string, received undefined', { BANK_URL: '' }],
  ])('asks nobody before %s is mended', async (fault, change) => {
    expect(await faultsOf(change)).toEqual([fault])
    expect(asked).toEqual([])
  })
})

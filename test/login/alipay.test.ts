import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { LoginUnavailable } from '../../server/flow/ports'
import { type AlipayOptions, alipayPage } from '../../server/login/alipay'
import { answerOf } from '../../server/login/alipay-gateway'
import { type AlipayApp, CLOCK_MS, CODE_LIVES_MS } from '../../server/sandbox/alipay/platform'
import { type AlipayServer, startAlipayServer } from '../../server/sandbox/alipay/server'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const app = (appId: string, names: AlipayApp['names']): AlipayApp => ({
  appId,
  names,
  publicKey: keys.publicKey,
  redirectHost: 'pay.bank.example',
})
const NEW = app('2021004150660001', 'open_id')
const OLD = app('2016091200490002', 'user_id')
const BOTH = app('2021004150660003', 'both')

describe('log-in by Alipay', () => {
  let server: AlipayServer
  let now = 1_795_851_600_000
  const faults: { subCode: string | null; reason: string }[] = []
  beforeAll(async () => {
    server = await startAlipayServer({ apps: [NEW, OLD, BOTH], production: false, now: () => now })
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    now += 3_600_000
    faults.length = 0
  })

  const ask = ({ appId }: AlipayApp, code: string, more: Partial<AlipayOptions> = {}) =>
    alipayPage({
      url: `${server.url}/gateway.do`,
      appId,
      privateKey: createPrivateKey(keys.privateKey),
      alipayKey: createPublicKey(server.publicKey),
      timeoutMs: 10_000,
      clock: { now: () => now },
      onFault: (fault) => void faults.push(fault),
      ...more,
    }).exchange(code)
  const codeOf = ({ appId }: AlipayApp, person = 'li') => server.platform.code(appId, person)

  it('names a person as the app is told to: by open_id, by user_id, or by one that the other joins', async () => {
    const { user_id } = server.platform.idsOf(OLD.appId, 'li')
    const { open_id } = server.platform.idsOf(NEW.appId, 'li')
    const alone = { provider: 'alipay', union: null }
    expect(await ask(NEW, codeOf(NEW))).toEqual({ ...alone, appId: NEW.appId, subject: open_id })
    expect(await ask(OLD, codeOf(OLD))).toEqual({ ...alone, appId: OLD.appId, subject: user_id })
    expect(await ask(BOTH, codeOf(BOTH))).toMatchObject({
      subject: server.platform.idsOf(BOTH.appId, 'li').open_id,
      union: { provider: 'alipay-user', appId: '', subject: user_id },
    })
    expect(user_id).toMatch(/^2088\d{12}$/)
    expect(faults).toEqual([])
  })

  it('a code is good once, for a while, in its own app', async () => {
    const once = codeOf(NEW)
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(NEW, once)))
    expect(answers.filter((answer) => 'subject' in answer)).toHaveLength(1)
    const [other, late] = [codeOf(OLD), codeOf(NEW)]
    expect(await ask(NEW, other)).toEqual({ refused: 'code' })
    now += CODE_LIVES_MS + 1
    expect(await ask(NEW, late)).toEqual({ refused: 'code' })
    expect(faults).toEqual([])
  })

  it.each(['never-made', ' ', '老街', 'a&sign=b', 'x=y&code=z', '%00'])(
    'a code of nobody’s is refused: %j',
    async (code) => {
      expect(await ask(NEW, code)).toEqual({ refused: 'code' })
    },
  )

  const failing = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(LoginUnavailable)
    return error as LoginUnavailable
  }

  it.each([
    [
      'another’s key',
      {
        privateKey: createPrivateKey(
          generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
        ),
      },
      'isv.invalid-signature',
    ],
    ['an app that isn’t there', { appId: '2021000000000000' }, 'isv.invalid-app-id'],
  ] as const)('%s is our fault and an alarm, and says nothing of the person', async (_, wrong, subCode) => {
    await failing(ask(NEW, codeOf(NEW), wrong))
    expect(faults).toEqual([{ subCode, reason: expect.any(String) }])
  })

  it('a clock of ours that is far off is our fault, too', async () => {
    const clock = { now: () => now - CLOCK_MS - 1_000 }
    await failing(ask(NEW, codeOf(NEW), { clock }))
    expect(faults).toMatchObject([{ subCode: 'isv.invalid-timestamp' }])
  })

  it('busy is no refusal', async () => {
    server.platform.busy.push('isp.unknow-error')
    await failing(ask(NEW, codeOf(NEW)))
    expect(faults).toMatchObject([{ subCode: 'isp.unknow-error' }])
  })

  it.each(['hang-up', 'error', 'garbage', 'elsewhere', 'unsigned', 'flipped'] as const)(
    '%s is neither a refusal nor a person',
    async (mishap) => {
      server.mishaps.push(mishap)
      await failing(ask(NEW, codeOf(NEW)))
      expect(faults).toMatchObject([{ subCode: null }])
    },
  )

  it('no answer ends after its time', async () => {
    server.mishaps.push('silence')
    await failing(ask(NEW, codeOf(NEW), { timeoutMs: 50 }))
    expect(faults).toEqual([{ subCode: null, reason: 'no answer' }])
  })

  it('neither code nor person is in what is told of a fault', async () => {
    const code = codeOf(NEW)
    server.mishaps.push('flipped')
    const error = await failing(ask(NEW, code))
    const told = JSON.stringify([faults, error.message, error.stack, error.cause])
    for (const secret of [code, ...Object.values(server.platform.idsOf(NEW.appId, 'li'))])
      expect(told).not.toContain(secret)
  })

  it('the sandbox’s Alipay doesn’t run in production', async () => {
    await expect(startAlipayServer({ apps: [], production: true })).rejects.toThrow('refuses to run in production')
  })
})

describe('what Alipay signed', () => {
  // A reply of the real gateway and the key to it, as Alipay's own library for Node publishes them to test with.
  const METHOD = 'alipay.open.file.upload'
  const KEY = createPublicKey({
    key: Buffer.from(
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk7LzhmMa2c4qQd4fqAqenfbuFoA7stPKvoS1LrZEsVnOOGUUjwoa1oU9xsSPjcOWhIerU/VAN4J95GIAXx59ipcleIyfLn2FhHXPgLJpvo+b2jJFyn/1/DbeJDh+0yDVAOf50Z7HhI0mdUhFMkXlT7BU0ZMtJf/TmISFEfhDU/w6qFd6D42L97byAkq0K6LroglSVF24GqJEa7hSeUIkZWj7RasykXrc2uVJ1+ejkXE0LyPxa2AHykMGbJLf5SiZvaNzUZgnKIR36mLOHpQ/2JCXxhXZYUWHzy0kMH54JcUEeksFWBYLGvLjV1phbcUIc3Q76tIuqApY6E222OoZZQIDAQAB',
      'base64',
    ),
    format: 'der',
    type: 'spki',
  })
  const VALUE = '{"code":"10000","msg":"Success","file_id":"CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr"}'
  const SIGN =
    'F+LDzpTNiavn7xVZPGuPCSSVRSmWzJGgtuji6tVELGEaqMaNj0jRKXUEr5nloZJBBmwEnddOyCjjepMmrTKTvoOqQ0Efxpr/R1iEeHTHVbb/Q8TTh6Up5gHJDkILdaWS2q1cWeQ6VT+HQY9P3WRXS7uhILHuDODIhpAyCu5KhWGt0rMCIG+Im6NODJP2oohtSCtmTFXg58HH587Z2y2bdbjzOxLvzD9IrU1imghXQ2S/Q+wMIvRk9on6cWnBLkrNvJKapA2ReNGWOwyuASvB9zDVzhMPbR+3mfRGkVDxsq5HYLjBKGskJMXHw0HuugZij6ScRuaLPODhmHwr/pJ9yw=='
  const read = (text: string) => answerOf(text, METHOD, { alipayKey: KEY }).kind

  it('is read where it stands in its reply, and nowhere else', () => {
    const name = '"alipay_open_file_upload_response"'
    expect(read(`{${name}:${VALUE},"sign":"${SIGN}"}`)).toBe('answered')
    expect(read(` { "sign" : "${SIGN}" ,\n ${name} : ${VALUE} } `)).toBe('answered')
    expect(read(`{"a":{"b":[1,{"}":"\\"{"}]},${name}:${VALUE},"sign":"${SIGN}"}`)).toBe('answered')
    for (const not of [
      `{${name}:${VALUE.replace('Success', 'success')},"sign":"${SIGN}"}`,
      `{${name}:${VALUE.replace(',', ', ')},"sign":"${SIGN}"}`,
      `{${name}:${VALUE}}`,
      `{"inside":{${name}:${VALUE}},"sign":"${SIGN}"}`,
      `{"text":${JSON.stringify(`{${name}:${VALUE}}`)},"sign":"${SIGN}"}`,
      // the one that is signed, and another that a parser would take
      `{${name}:${VALUE},${name}:{"code":"10000","file_id":"mine"},"sign":"${SIGN}"}`,
      `{${name}:${VALUE},"sign":"${SIGN}","sign":"${SIGN}"}`,
      `{${name}:${VALUE},"sign":7}`,
      `[${VALUE}]`,
      '',
      'null',
      '{}',
    ])
      expect([not, read(not)]).toEqual([not, 'nothing'])
  })
})

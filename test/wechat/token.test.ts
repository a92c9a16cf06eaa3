import type { Shared } from '../../server/flow/ports'
import { TOKEN_LIVES_MS, TOKEN_OVERLAP_MS, type WechatApp } from '../../server/sandbox/wechat/platform'
import { startWechatServer, type WechatServer } from '../../server/sandbox/wechat/server'
import { type PlatformToken, stableToken, type TokenOptions } from '../../server/wechat/token'

const APP: WechatApp = { appId: 'wx00000000000000a1', secret: 'a'.repeat(32), kind: 'weapp', united: true }

/** Shared between the processes of a test; away when told. */
function memory(now: () => number) {
  const kept = new Map<string, { text: string; until: number }>()
  const claims = new Map<string, number>()
  const shared: Shared & { away: boolean; kept: typeof kept } = {
    away: false,
    kept,
    async get(name) {
      if (shared.away) throw new Error('away')
      const found = kept.get(name)
      return found && now() < found.until ? found.text : undefined
    },
    async put(name, text, forMs) {
      if (shared.away) throw new Error('away')
      kept.set(name, { text, until: now() + forMs })
    },
    async claim(name, forMs) {
      if (shared.away) throw new Error('away')
      if ((claims.get(name) ?? 0) > now()) return false
      claims.set(name, now() + forMs)
      return true
    },
  }
  return shared
}

describe('the token for WeChat’s interfaces', () => {
  let server: WechatServer
  let now = 1_795_851_600_000
  let shared: ReturnType<typeof memory>
  beforeAll(async () => {
    server = await startWechatServer({ apps: [APP], production: false, now: () => now })
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    now += TOKEN_LIVES_MS * 2
    shared = memory(() => now)
    server.platform.tokensAsked = 0
  })

  const processOf = (more: Partial<TokenOptions> = {}): PlatformToken =>
    stableToken({
      baseUrl: server.url,
      appId: APP.appId,
      secret: APP.secret,
      timeoutMs: 10_000,
      shared,
      sealKey: Buffer.alloc(32, 5),
      clock: { now: () => now },
      random: (bytes) => Buffer.alloc(bytes, ++made),
      // the others' turn: what they wait for is on its way
      pause: () => new Promise((done) => setImmediate(done)),
      ...more,
    })
  let made = 0
  const taken = (token: string) => server.platform.takes(APP.appId, token)

  it('is asked for once by many processes at the same time, and kept until its last five minutes', async () => {
    const processes = Array.from({ length: 8 }, () => processOf())
    const all = await Promise.all(processes.flatMap((one) => [one.token(), one.token(), one.token()]))
    expect(new Set(all).size).toBe(1)
    expect(taken(all[0]!)).toBe(true)
    now += TOKEN_LIVES_MS - TOKEN_OVERLAP_MS - 1
    expect(new Set(await Promise.all(processes.map((one) => one.token())))).toEqual(new Set(all))
    expect(server.platform.tokensAsked).toBe(1)
    now += 1
    const next = new Set(await Promise.all(processes.map((one) => one.token())))
    expect(server.platform.tokensAsked).toBe(2)
    // whoever found another at it goes on with the old one, which is good for now
    for (const token of [...next, ...all]) expect(taken(token)).toBe(true)
    expect(new Set(await Promise.all(processes.map((one) => one.token()))).has(all[0]!)).toBe(false)
  })

  it('is asked for by each process without Redis, and is the same all the same', async () => {
    shared.away = true
    const tokens = await Promise.all([processOf().token(), processOf().token()])
    expect(new Set(tokens).size).toBe(1)
  })

  it('is asked for anew when WeChat refuses it, and by whoever waits for a process that died asking', async () => {
    const one = processOf()
    const token = await one.token()
    one.drop(token)
    now += 10_000
    await one.token()
    expect(server.platform.tokensAsked).toBe(2)
    shared.kept.clear()
    await shared.claim(`wechat-token ${APP.appId}`, 60_000)
    expect(taken(await processOf().token())).toBe(true)
  })

  it.each([
    ['a wrong secret', { secret: 'f'.repeat(32) }, 'WeChat: errcode 40125'],
    ['an appid that isn’t there', { appId: 'wx00000000000000ff' }, 'WeChat: errcode 40013'],
    ['nobody', { baseUrl: 'http://127.0.0.1:1' }, 'WeChat: no answer'],
  ])('%s gives none, and says why without a secret', async (_, wrong, message) => {
    await expect(processOf(wrong).token()).rejects.toThrow(new Error(message))
  })

  it.each(['hang-up', 'error', 'garbage', 'elsewhere'] as const)(
    '%s gives none, and the next try one',
    async (mishap) => {
      const one = processOf()
      server.mishaps.push(mishap)
      await expect(one.token()).rejects.toThrow(/^WeChat: /)
      now += 10_000
      expect(taken(await one.token())).toBe(true)
    },
  )

  it('lies in Redis where nobody can read it', async () => {
    const token = await processOf().token()
    const lying = JSON.stringify([...shared.kept])
    expect(lying.length).toBeGreaterThan(100)
    for (const secret of [token, APP.secret]) expect(lying).not.toContain(secret)
    // under another key it is none
    await processOf({ sealKey: Buffer.alloc(32, 6) }).token()
    expect(server.platform.tokensAsked).toBe(2)
  })
})

import { LoginUnavailable } from '../../server/flow/ports'
import { type WechatOptions, wechatMiniProgram, wechatPage } from '../../server/login/wechat'
import { CODE_LIVES_MS, LOGINS_A_MINUTE, type WechatApp } from '../../server/sandbox/wechat/platform'
import { startWechatServer, type WechatServer } from '../../server/sandbox/wechat/server'

const WEAPP: WechatApp = { appId: 'wx00000000000000a1', secret: 'a'.repeat(32), kind: 'weapp', united: true }
const PAGE: WechatApp = { appId: 'wx00000000000000b2', secret: 'b'.repeat(32), kind: 'page', united: true }
const ALONE: WechatApp = { appId: 'wx00000000000000c3', secret: 'c'.repeat(32), kind: 'weapp', united: false }

describe('log-in by WeChat', () => {
  let server: WechatServer
  let now = 1_795_851_600_000
  const faults: { errcode: number | null; reason: string }[] = []
  beforeAll(async () => {
    server = await startWechatServer({ apps: [WEAPP, PAGE, ALONE], production: false, now: () => now })
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    now += 3_600_000
    faults.length = 0
    server.platform.blocked.clear()
    server.platform.snapshots.clear()
  })

  const options = (app: WechatApp, more: Partial<WechatOptions> = {}): WechatOptions => ({
    baseUrl: server.url,
    appId: app.appId,
    secret: app.secret,
    timeoutMs: 10_000,
    onFault: (fault) => void faults.push(fault),
    ...more,
  })
  const ask = (app: WechatApp, code: string, more?: Partial<WechatOptions>) =>
    (app.kind === 'page' ? wechatPage : wechatMiniProgram)(options(app, more)).exchange(code)
  const codeOf = (app: WechatApp, person = 'li') => server.platform.code(app.appId, person)

  it('names a person by the app’s own subject, and by the one that all apps of an owner share', async () => {
    const [once, again] = [await ask(WEAPP, codeOf(WEAPP)), await ask(WEAPP, codeOf(WEAPP))]
    expect(once).toEqual({
      provider: 'wechat',
      appId: WEAPP.appId,
      subject: expect.stringMatching(/^oW.{26}$/),
      union: { provider: 'wechat-union', appId: '', subject: expect.stringMatching(/^oU.{26}$/) },
    })
    expect(again).toEqual(once)
    const onPage = await ask(PAGE, codeOf(PAGE))
    expect(onPage).toMatchObject({ appId: PAGE.appId, union: (once as { union: object }).union })
    expect(onPage).not.toMatchObject({ subject: (once as { subject: string }).subject })
    expect(faults).toEqual([])
  })

  it('without an Open Platform account there is no union', async () => {
    expect(await ask(ALONE, codeOf(ALONE))).toMatchObject({ union: null })
  })

  it('a code is good once: of many at the same time one names the person', async () => {
    const code = codeOf(WEAPP)
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(WEAPP, code)))
    expect(answers.filter((answer) => 'subject' in answer)).toHaveLength(1)
    expect(answers.filter((answer) => 'refused' in answer && answer.refused === 'code')).toHaveLength(7)
  })

  it('a code ends after five minutes, not before', async () => {
    const [early, late] = [codeOf(WEAPP), codeOf(WEAPP)]
    now += CODE_LIVES_MS
    expect(await ask(WEAPP, early)).toHaveProperty('subject')
    now += 1
    expect(await ask(WEAPP, late)).toEqual({ refused: 'code' })
  })

  it.each(['never-made', ' ', '老街', 'x'.repeat(256), 'a&appid=wx1', '../../cgi-bin/token?'])(
    'a code that WeChat never made is refused: %s',
    async (code) => {
      expect(await ask(WEAPP, code)).toEqual({ refused: 'code' })
    },
  )

  it('a code of another app is refused', async () => {
    expect(await ask(WEAPP, codeOf(ALONE))).toEqual({ refused: 'code' })
  })

  it('whoever only looks at a snapshot of the page is nobody yet', async () => {
    server.platform.snapshots.add('li')
    expect(await ask(PAGE, codeOf(PAGE))).toEqual({ refused: 'code' })
  })

  it('a person whom WeChat blocks is refused for good, and counted', async () => {
    server.platform.blocked.add('li')
    expect(await ask(WEAPP, codeOf(WEAPP))).toEqual({ refused: 'person' })
    expect(faults).toEqual([{ errcode: 40226, reason: 'a person it blocks' }])
  })

  const failing = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(LoginUnavailable)
    return error as LoginUnavailable
  }

  it('a person who logs in a hundred times a minute waits, and nobody else', async () => {
    for (let i = 0; i < LOGINS_A_MINUTE; i++) await ask(WEAPP, codeOf(WEAPP, 'busy'))
    expect(await failing(ask(WEAPP, codeOf(WEAPP, 'busy')))).toMatchObject({ waitS: 60 })
    expect(await ask(WEAPP, codeOf(WEAPP, 'li'))).toHaveProperty('subject')
  })

  it.each([
    ['a wrong secret', { secret: 'f'.repeat(32) }, 40125],
    ['an appid that isn’t there', { appId: 'wx00000000000000ff' }, 40013],
    ['no appid', { appId: '' }, 41002],
    ['no secret', { secret: '' }, 41004],
  ])('%s is our fault and an alarm, and says nothing of the person', async (_, wrong, errcode) => {
    expect(await failing(ask(WEAPP, codeOf(WEAPP), wrong))).toMatchObject({ waitS: null })
    expect(faults).toEqual([{ errcode, reason: expect.any(String) }])
  })

  it('the page’s app asks in its own way only', async () => {
    await failing(wechatMiniProgram(options(PAGE)).exchange(codeOf(PAGE)))
    expect(faults).toMatchObject([{ errcode: 40013 }])
  })

  it('busy is no refusal', async () => {
    server.platform.busy.push(-1)
    await failing(ask(WEAPP, codeOf(WEAPP)))
    expect(faults).toMatchObject([{ errcode: -1 }])
  })

  it.each(['hang-up', 'error', 'garbage', 'elsewhere'] as const)('%s is no refusal either', async (mishap) => {
    server.mishaps.push(mishap)
    await failing(ask(WEAPP, codeOf(WEAPP)))
    expect(faults).toMatchObject([{ errcode: null }])
  })

  it('no answer ends after its time, and nobody is there is one, too', async () => {
    server.mishaps.push('silence')
    await failing(ask(WEAPP, codeOf(WEAPP), { timeoutMs: 50 }))
    await failing(ask(WEAPP, codeOf(WEAPP), { baseUrl: 'http://127.0.0.1:1' }))
    expect(faults).toEqual([
      { errcode: null, reason: 'no answer' },
      { errcode: null, reason: 'no answer' },
    ])
  })

  it('neither secret nor code nor openid is in what is told of a fault', async () => {
    const code = codeOf(WEAPP)
    server.mishaps.push('hang-up')
    const error = await failing(ask(WEAPP, code))
    const told = JSON.stringify([faults, error.message, error.stack, error.cause])
    for (const secret of [WEAPP.secret, code]) expect(told).not.toContain(secret)
  })

  it('the sandbox’s WeChat doesn’t run in production', async () => {
    await expect(startWechatServer({ apps: [], production: true })).rejects.toThrow('refuses to run in production')
  })
})

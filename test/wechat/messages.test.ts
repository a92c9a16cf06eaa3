import type { DayMessage } from '../../server/flow/ports'
import { startWechatServer, type WechatServer } from '../../server/sandbox/wechat/server'
import { wechatCalls } from '../../server/wechat/call'
import { wechatMessages } from '../../server/wechat/messages'
import { TokenUnavailable } from '../../server/wechat/token'

const APP = { appId: 'wx00000000000000a1', secret: 'a'.repeat(32), kind: 'weapp', united: true } as const
const TEMPLATE = 'template-of-the-day-00001'
const FIELDS = { shop: 'thing1', date: 'date2', count: 'number3', amount: 'amount4' }

describe('telling a merchant’s user of their day in WeChat', () => {
  let server: WechatServer
  let stale: string[] = []
  beforeAll(async () => {
    server = await startWechatServer({ apps: [APP], production: false })
    server.messages.templates.set(TEMPLATE, Object.values(FIELDS))
  })
  afterAll(() => server.stop())

  const { appId, secret } = APP
  const token = async () => {
    const told = server.platform.stableToken({ grant_type: 'client_credential', appid: appId, secret })
    return stale.pop() ?? (told as { access_token: string }).access_token
  }
  const desk = (ask: () => Promise<string> = token, more: object = {}) => {
    const call = wechatCalls({ baseUrl: server.url, timeoutMs: 10_000 }, { token: ask, drop: () => {} })
    return wechatMessages(call, { appId, templateId: TEMPLATE, fields: FIELDS, ...more })
  }
  let people = 0
  const message = (changed: Partial<DayMessage> = {}): DayMessage => ({
    openId: `oW-${++people}`,
    merchantName: '老王牛肉面',
    date: '2026-11-20',
    summary: { orderCount: 37, receivedFen: 284_635 },
    ...changed,
  })

  it('goes as often as they agreed, in the template’s words, and is refused from then on', async () => {
    const one = message({ merchantName: '面'.repeat(40) })
    server.messages.agree(one.openId, TEMPLATE)
    server.messages.agree(one.openId, TEMPLATE)
    expect([await desk().send(one), await desk().send(one)]).toEqual([{ kind: 'sent' }, { kind: 'sent' }])
    expect(await desk().send(one)).toEqual({ kind: 'refused', code: '43101' })
    const data = { thing1: '面'.repeat(20), date2: '2026-11-20', number3: '37', amount4: '¥2846.35' }
    expect(server.messages.sent.filter(({ touser }) => touser === one.openId)).toEqual([
      { touser: one.openId, data },
      { touser: one.openId, data },
    ])
  })

  it('of a template with other words, or none such, or another app’s person doesn’t go, and takes nothing', async () => {
    const one = message()
    server.messages.agree(one.openId, TEMPLATE)
    const swapped = { ...FIELDS, count: 'amount4', amount: 'number3' }
    expect(await desk(token, { fields: swapped }).send(one)).toEqual({ kind: 'not-sent', code: '47003' })
    expect(await desk(token, { fields: { ...FIELDS, shop: 'thing9' } }).send(one)).toEqual({
      kind: 'not-sent',
      code: '47003',
    })
    expect(await desk(token, { templateId: 'another-template-0000001' }).send(one)).toEqual({
      kind: 'not-sent',
      code: '40037',
    })
    expect(await desk().send(message({ openId: 'somebody' }))).toEqual({ kind: 'not-sent', code: '40003' })
    expect(await desk().send(one)).toEqual({ kind: 'sent' })
  })

  it('with a dead token goes once more with a new one; without any it doesn’t go; unanswered, nobody knows', async () => {
    const one = message()
    server.messages.agree(one.openId, TEMPLATE)
    stale = ['a-token-of-yesterday']
    expect(await desk().send(one)).toEqual({ kind: 'sent' })
    expect(await desk(async () => 'dead').send(one)).toEqual({ kind: 'not-sent', code: '40001' })
    const none = desk(() => Promise.reject(new TokenUnavailable('none')))
    expect(await none.send(one)).toEqual({ kind: 'not-sent', code: 'no-token' })
    server.mishaps.push('hang-up')
    expect(await desk().send(one)).toEqual({ kind: 'unknown', code: 'no-answer' })
    server.messages.busy.push(45009)
    expect(await desk().send(one)).toEqual({ kind: 'not-sent', code: '45009' })
  })
})

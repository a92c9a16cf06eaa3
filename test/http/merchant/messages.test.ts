import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { tellOfYesterday } from '../../../server/flow/merchant/messages'
import type { DayMessage, MessageReply } from '../../../server/flow/ports'
import type { BindingCode } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

const TEMPLATE = 'template-of-the-day-00001'
const APP = 'wx00000000000000a1'
const DAY = '2026-11-21'
const NEXT = (time: string) => Date.parse(`2026-11-22T${time}:00+08:00`)

describe.each(oneSqlEngine())('a merchant’s user who wants to hear of their days in WeChat, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  const sent: DayMessage[] = []
  const alarms: string[] = []
  let answer: (message: DayMessage) => MessageReply
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    office.deps.messageDesk = { templateId: TEMPLATE }
    sent.length = 0
    alarms.length = 0
    answer = () => ({ kind: 'sent' })
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  async function user(name: string, merchantCode = 'M0001'): Promise<string> {
    const { body } = await office
      .as('maker')
      .post(`/admin/merchants/${merchantCode}/binding-codes`, { role: 'cashier' })
    const binding = { platform: 'weapp', code: name, bindingCode: (body as BindingCode).code }
    return (await office.call('POST', '/api/merchant/binding', undefined, { body: binding })).body.token
  }
  const agree = (token: string, templateId = TEMPLATE) =>
    office.call('POST', '/api/merchant/messages', token, { body: { templateId } })
  const unused = async (token: string) => (await office.call('GET', '/api/merchant/messages', token)).body.unused
  const known = { subjects: async (userId: string) => [{ appId: APP, subject: `o-${userId}` }] }
  const tell = (at: number, identity: typeof known = known) =>
    tellOfYesterday({
      ...office.deps,
      identity,
      clock: { now: () => at },
      onAlarm: ({ code }) => alarms.push(code),
      desk: {
        templateId: TEMPLATE,
        appId: APP,
        async send(message) {
          sent.push(message)
          return answer(message)
        },
      },
    })

  it('agrees as often as they like, to what is sent here alone, and reads how often', async () => {
    const token = await user('wechat-1')
    expect((await office.call('GET', '/api/merchant/messages', token)).body).toEqual({
      templateId: TEMPLATE,
      unused: 0,
    })
    expect((await agree(token)).body).toEqual({ templateId: TEMPLATE, unused: 1 })
    expect((await agree(token)).body.unused).toBe(2)
    expect(await agree(token, 'another')).toMatchObject({
      status: 404,
      body: { code: 'template-not-found', field: 'templateId' },
    })
    for (let i = 0; i < 70; i++) await agree(token)
    expect(await unused(token)).toBe(60)
    // the sandbox's owner is nobody in WeChat
    expect((await office.call('GET', '/api/merchant/messages', office.owner('M0001'))).body).toEqual({
      templateId: null,
      unused: 0,
    })
    expect((await agree(office.owner('M0001'))).status).toBe(404)
    office.deps.messageDesk = null
    expect((await office.call('GET', '/api/merchant/messages', token)).body).toEqual({ templateId: null, unused: 0 })
    expect((await agree(token)).status).toBe(404)
  })

  it('hears of yesterday in the morning, once, whoever looks at once, and of no day without receipts', async () => {
    const [one, other] = [await user('wechat-1'), await user('wechat-2', 'M0002')]
    for (const token of [one, one, other]) await agree(token)
    await office.order({ date: DAY, amountFen: 12_300 })
    await office.order({ date: DAY, amountFen: 200 })
    await tell(NEXT('07:59'))
    await tell(NEXT('12:00'))
    expect(sent).toEqual([])
    await Promise.all([tell(NEXT('08:00')), tell(NEXT('08:00')), tell(NEXT('08:00'))])
    await tell(NEXT('09:00'))
    expect(sent).toMatchObject([
      { date: DAY, merchantName: '老街牛肉面', summary: { orderCount: 2, receivedFen: 12_500 } },
    ])
    expect([await unused(one), await unused(other)]).toEqual([1, 1])
    await office.order({ date: '2026-11-22' })
    await tell(NEXT('08:00') + 86_400_000)
    await tell(NEXT('08:00') + 2 * 86_400_000)
    expect(sent.map(({ date }) => date)).toEqual([DAY, '2026-11-22'])
    expect(await unused(one)).toBe(0)
  })

  it('who was unbound hears nothing any more', async () => {
    const token = await user('wechat-1')
    await agree(token)
    await office.order({ date: DAY })
    const { items } = (await office.as('viewer').get('/admin/merchants/M0001/users')).body
    await office.as('maker').post(`/admin/merchants/M0001/users/${items[0].bindingId}/unbind`)
    expect((await agree(token)).status).toBe(401)
    await tell(NEXT('08:00'))
    expect(sent).toEqual([])
  })

  it('who took it back in WeChat is asked to agree anew; whom the mini-program doesn’t know is told nothing', async () => {
    const token = await user('wechat-1')
    for (let i = 0; i < 3; i++) await agree(token)
    await office.order({ date: DAY })
    answer = () => ({ kind: 'refused', code: '43101' })
    await tell(NEXT('08:00'))
    expect([sent.length, await unused(token), alarms]).toEqual([1, 0, []])
    await agree(token)
    await office.order({ date: '2026-11-22' })
    await tell(NEXT('08:00') + 86_400_000, { subjects: async () => [{ appId: 'wx00000000000000b2', subject: 'o-b' }] })
    expect([sent.length, await unused(token)]).toEqual([1, 0])
  })

  it('what certainly didn’t go is tried again that morning, with an alarm; what may have gone isn’t', async () => {
    const token = await user('wechat-1')
    await agree(token)
    await agree(token)
    await office.order({ date: DAY })
    answer = () => ({ kind: 'not-sent', code: '47003' })
    expect(await tell(NEXT('08:00'))).toBe('done')
    expect([sent.length, await unused(token), alarms]).toEqual([1, 2, ['messages-not-sent']])
    answer = () => ({ kind: 'unknown', code: 'no-answer' })
    await tell(NEXT('08:10'))
    await tell(NEXT('08:20'))
    expect([sent.length, await unused(token)]).toEqual([2, 1])
  })
})

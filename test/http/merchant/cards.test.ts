import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { BindingCards, JudgedChange, MerchantUserList } from '../../../server/http/contract'
import { BINDING_WRONG } from '../../../server/store/sql/audit/parties'
import { type Office, startOffice } from '../../support/office'

const DAY_MS = 86_400_000
const CARDS = '/admin/merchants/binding-cards'
const CODE = /^[2-9A-HJKMNP-Z]+$/

describe.each(oneSqlEngine())('binding cards, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const ask = (merchantCodes: string[], more: object = {}, by = 'maker') =>
    office.as(by).post(CARDS, { merchantCodes, ...more })
  /** card and word of each merchant, once two operators have done their part */
  async function made(merchantCodes: string[], more: object = {}) {
    const asked = (await ask(merchantCodes, more)).body as BindingCards
    const { words } = (await office.approve(asked.change.changeId)).body as JudgedChange
    return asked.cards.map(({ merchantCode, card }, i) => {
      expect(words![i]!.merchantCode).toBe(merchantCode)
      return { merchantCode, card, word: words![i]!.word }
    })
  }
  const bind = (code: string, bindingCode: string) =>
    office.call('POST', '/api/merchant/binding', undefined, { body: { platform: 'weapp', code, bindingCode } })
  const REFUSED = { status: 422, body: { code: 'binding-refused', field: 'bindingCode' } }
  const listed = async (code: string) =>
    (await office.as('viewer').get(`/admin/merchants/${code}/users`)).body as MerchantUserList
  const users = async (code: string) => (await listed(code)).items
  const cardAt = async (code: string) => (await listed(code)).card

  it('are half printed and half told: both halves bind the owner of their own shop, days later', async () => {
    const asked = await ask(['M0003', 'M0001', 'M0003'], { days: 3 })
    expect(asked).toMatchObject({ status: 202, body: { change: { kind: 'merchant.owners', state: 'open' } } })
    const { cards, change, bankName, address } = asked.body as BindingCards
    expect([bankName.length > 0, address === null || address.startsWith('http')]).toEqual([true, true])
    expect(cards.map(({ merchantCode }) => merchantCode)).toEqual(['M0001', 'M0003'])
    expect(cards[0]).toMatchObject({ name: '老街牛肉面', branchName: '城南支行' })
    expect(cards[0]!.channels[0]).toBe('本行账户')
    expect(change.branchCode).toBe('B01')
    const judged = (await office.approve(change.changeId)).body as JudgedChange
    expect(judged).toMatchObject({ change: { state: 'applied' }, half: null })
    for (const { card } of cards) expect([card.length, card]).toEqual([8, expect.stringMatching(CODE)])
    for (const { word } of judged.words!) expect([word.length, word]).toEqual([4, expect.stringMatching(CODE)])
    expect(new Set(cards.map(({ card }) => card)).size).toBe(2)

    office.clock.at += 3 * DAY_MS - 1
    const typed = `${cards[1]!.card.slice(0, 4).toLowerCase()} ${cards[1]!.card.slice(4)}-${judged.words![1]!.word}`
    expect(await bind('wechat-3', typed)).toMatchObject({ status: 200, body: { merchant: { code: 'M0003' } } })
    expect(await users('M0003')).toMatchObject([{ role: 'owner', unboundAt: null }])
    office.clock.at += 1
    expect(await bind('wechat-1', cards[0]!.card + judged.words![0]!.word)).toMatchObject(REFUSED)
    expect(await office.sql.run({ name: 'binding-wrong', text: BINDING_WRONG }, [])).toEqual([])
  })

  it('are worth nothing alone, before they are approved, rejected, of another shop, or a second time', async () => {
    const waiting = (await ask(['M0001'])).body as BindingCards
    expect(await bind('wechat-1', waiting.cards[0]!.card)).toMatchObject(REFUSED)
    await office
      .as('checker')
      .post(`/admin/changes/${waiting.change.changeId}/reject`, { note: '名单不对' }, { ifMatch: 1 })
    const [a, b] = await made(['M0001', 'M0002'])
    expect(await bind('wechat-1', a!.card)).toMatchObject(REFUSED)
    expect(await bind('wechat-1', a!.word.repeat(3))).toMatchObject(REFUSED)
    expect(await bind('wechat-1', a!.card + b!.word)).toMatchObject(REFUSED)
    expect(await bind('wechat-1', waiting.cards[0]!.card + a!.word)).toMatchObject(REFUSED)
    expect((await bind('wechat-1', a!.card + a!.word)).status).toBe(200)
    expect(await bind('wechat-2', a!.card + a!.word)).toMatchObject(REFUSED)
  })

  it('are dead after five tries, whoever tries and however many at once: a photographed sheet is no shop', async () => {
    const [a, b] = await made(['M0001', 'M0002'])
    const wrong = ['2222', '3333', '4444', '5555', '6666', '7777', '8888', '9999'].filter((word) => word !== a!.word)
    const answers = await Promise.all(wrong.map((word, i) => bind(`thief-${i}`, a!.card + word)))
    expect(answers.map(({ body }) => body.code)).toEqual(wrong.map(() => 'binding-refused'))
    expect(await bind('owner-1', a!.card + a!.word)).toMatchObject(REFUSED)
    expect(await cardAt('M0001')).toMatchObject({ dead: true })
    for (let i = 0; i < 4; i++) await bind('clumsy', b!.card + (b!.word === '2222' ? '3333' : '2222'))
    expect(await cardAt('M0002')).toEqual({
      dead: false,
      expiresAt: new Date(office.clock.at + 7 * DAY_MS).toISOString(),
    })
    expect((await bind('clumsy', b!.card + b!.word)).status).toBe(200)
    expect(await cardAt('M0002')).toBeNull()
    // Another card is another five tries.
    const [again] = await made(['M0001'])
    expect((await bind('owner-1', again!.card + again!.word)).status).toBe(200)
  })

  it('take the place of those before them, and none is made for who has an owner by then', async () => {
    const [first] = await made(['M0001'])
    const second = (await ask(['M0001', 'M0003'])).body as BindingCards
    expect((await bind('owner-3', (await codeOf('M0003')).slice(0))).status).toBe(200)
    const { words } = (await office.approve(second.change.changeId)).body as JudgedChange
    expect(await bind('wechat-1', first!.card + first!.word)).toMatchObject(REFUSED)
    expect(await bind('wechat-2', second.cards[1]!.card + words![1]!.word)).toMatchObject(REFUSED)
    expect((await bind('wechat-1', second.cards[0]!.card + words![0]!.word)).status).toBe(200)
  })

  const codeOf = async (merchantCode: string) => {
    const [one] = await made([merchantCode])
    return one!.card + one!.word
  }

  it('are seen by nobody whole: whoever printed them hears no word, who approves sees no card, and nothing is kept', async () => {
    const asked = (await ask(['M0001', 'M0003'], {}, 'south')).body as BindingCards
    const path = `/admin/changes/${asked.change.changeId}`
    expect(await office.as('south').post(`${path}/approve`, {}, { ifMatch: 1 })).toMatchObject({
      status: 403,
      body: { code: 'own-change' },
    })
    const seen = await office.as('checker').get(path)
    const { words } = (await office.approve(asked.change.changeId)).body as JudgedChange
    const later = await Promise.all(['south', 'checker'].map((by) => office.as(by).get(path)))
    const tables = ['binding_codes', 'operator_actions', 'change_requests'] as const
    const kept = await Promise.all(tables.map((table) => office.sql.db.selectFrom(table).selectAll().execute()))
    const all = JSON.stringify([seen.body, later.map(({ body }) => body), kept])
    for (const { card } of asked.cards) expect(all).not.toContain(card)
    for (const { word } of words!) expect(all).not.toContain(`"${word}`)
    expect((await office.deeds()).map(({ username, action }) => [username, action])).toEqual([
      ['south', 'change.ask'],
      ['south', 'change.refuse'],
      ['checker', 'change.approve'],
      ['checker', 'change.apply'],
    ])
  })

  it('are for those who keep merchants, of merchants in their sight, and in batches that can be read', async () => {
    expect(await ask(['M0001'], {}, 'checker')).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    for (const [codes, by] of [
      [['M0001', 'M0002'], 'south'],
      [['M0001', 'M9999'], 'maker'],
    ] as const)
      expect(await ask([...codes], {}, by)).toMatchObject({
        status: 404,
        body: { code: 'merchant-not-found', field: 'merchantCodes', detail: codes[1] },
      })
    for (const more of [{ days: 0 }, { days: 15 }, { merchantCodes: [] }, { merchantCodes: Array(501).fill('M0001') }])
      expect([more, (await ask(['M0001'], more)).status]).toEqual([more, 400])
    const mixed = (await ask(['M0001', 'M0002'])).body as BindingCards
    expect(mixed.change.branchCode).toBeNull()
    const path = `/admin/changes/${mixed.change.changeId}/approve`
    expect((await office.as('north').post(path, {}, { ifMatch: 1 })).status).toBe(403)
    expect(await ask(['M0002', 'M0001'])).toMatchObject({ status: 409, body: { code: 'change-open' } })
  })
})

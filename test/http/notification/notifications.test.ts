import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { breakerOpened } from '../../../server/flow/notification/raise'
import type { NotificationList, NotificationView, UnreadView } from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'

/** `chief` is maker and checker; `south` and `north` are so in a branch of their own, `south2` a checker of B01. */
describe.each(oneSqlEngine())('what operators are told of, on $name', ({ start }) => {
  let engine: TestSql
  let house: Bureau
  beforeAll(async () => {
    engine = await start()
    house = await startBureau(await engine.fresh())
  })
  afterAll(async () => {
    await house?.stop()
    await engine?.stop()
  })
  afterEach(() => house.pass(1))

  let made = 0
  const PEOPLE = ['maker', 'maker2', 'checker', 'chief', 'viewer', 'south', 'south2', 'north']
  const list = async (by: string, query = '') =>
    (await house.as(by).get<NotificationList>(`/admin/notifications${query}`)).body
  const of = async (by: string, name: string) => (await list(by)).items.filter(({ title }) => title.includes(name))
  const told = async (name: string) => {
    const all = await Promise.all(
      PEOPLE.map(async (by) => [by, (await of(by, name)).map(({ title }) => title)] as const),
    )
    return Object.fromEntries(all.filter(([, titles]) => titles.length > 0))
  }
  const unread = async (by: string) => (await house.as(by).get<UnreadView>('/admin/notifications/unread')).body.unread
  const mark = (by: string, body: object) => house.as(by).post<UnreadView>('/admin/notifications/read', body)
  const submitted = async (name: string, by = 'maker', more: object = {}) => {
    const { campaignId } = (await house.draft({ name, priority: ++made, ...more }, by)).body
    expect((await house.ask(by, campaignId, 'submit', { body: { note: '预算已批' } })).status).toBe(200)
    return campaignId
  }

  it('is nothing of a draft that nobody has submitted', async () => {
    await house.draft({ name: '只是草稿' })
    expect(await told('只是草稿')).toEqual({})
  })

  it('is a launch that waits for those who may review it, and not for who asked', async () => {
    await submitted('全行活动')
    expect(await told('全行活动')).toEqual({
      checker: ['待复核：活动「全行活动」上线'],
      chief: ['待复核：活动「全行活动」上线'],
    })
    expect((await of('checker', '全行活动'))[0]).toMatchObject({
      kind: 'submitted',
      by: 'maker',
      note: '预算已批',
      place: 'reviews',
      read: false,
      settled: false,
      untold: [],
    })
    await submitted('自己的', 'chief')
    expect(Object.keys(await told('自己的'))).toEqual(['checker'])
  })

  it('is of a branch’s campaign its own people’s and the whole bank’s, and no other branch’s', async () => {
    const rule = { branchCode: 'B01', merchantCodes: ['M0001'] }
    await submitted('城南活动', 'south', rule)
    expect(Object.keys(await told('城南活动'))).toEqual(['checker', 'chief', 'south2'])
  })

  it('is settled for everybody once one has decided, and counts as unread no more', async () => {
    const id = await submitted('先到先审')
    const before = [await unread('checker'), await unread('chief')]
    await house.ask('checker', id, 'approve')
    expect((await of('chief', '先到先审')).map(({ settled, read }) => [settled, read])).toEqual([[true, false]])
    expect([await unread('checker'), await unread('chief')]).toEqual(before.map((count) => count - 1))
    expect(await of('maker', '先到先审')).toEqual([])
  })

  it('is a rejection, with its reason, its maker’s alone', async () => {
    const id = await submitted('要改的')
    await house.ask('checker', id, 'reject', { body: { note: '预算写错了' } })
    expect(Object.keys(await told('要改的'))).toEqual(['maker', 'checker', 'chief'])
    const [rejected, ...more] = await of('maker', '要改的')
    expect(more).toEqual([])
    expect(rejected).toMatchObject({
      kind: 'rejected',
      title: '已驳回：活动「要改的」上线',
      note: '预算写错了',
      by: 'checker',
      place: `campaigns/${id}`,
    })
  })

  it('is nothing when what was asked for is taken back, and again when it is asked for again', async () => {
    const id = await submitted('反悔')
    await house.ask('maker', id, 'withdraw')
    expect((await of('checker', '反悔')).map(({ settled }) => settled)).toEqual([true])
    await house.ask('maker', id, 'submit')
    expect((await of('checker', '反悔')).map(({ settled }) => settled)).toEqual([false, true])
  })

  it('is a change request that waits, for those who may see and review its kind', async () => {
    const csv = 'code,name,branch,account\nM0001,老街牛肉面,B01,acct-NEW\n'
    const { changeId } = (await house.as('maker').csv('/admin/merchants/import', csv)).body.review
    expect(await told('商户结算信息')).toEqual({
      checker: ['待复核：商户结算信息'],
      chief: ['待复核：商户结算信息'],
      south: ['待复核：商户结算信息'],
      south2: ['待复核：商户结算信息'],
    })
    await house.as('checker').post(`/admin/changes/${changeId}/reject`, { note: '未核实' }, { ifMatch: 1 })
    const [rejected] = await of('maker', '商户结算信息')
    expect(rejected).toMatchObject({ kind: 'rejected', note: '未核实', place: 'reviews?shown=all' })
    expect(await unread('south2')).toBe((await list('south2')).items.filter(isNew).length)
  })

  it('is marked as read by each for themselves, one by one or all up to one, and nobody else’s', async () => {
    await submitted('已读一')
    await submitted('已读二')
    const [newest] = await of('checker', '已读二')
    const [older] = await of('checker', '已读一')
    const before = { checker: await unread('checker'), chief: await unread('chief') }
    expect((await mark('checker', { ids: [newest!.id] })).body).toEqual({ unread: before.checker - 1, more: false })
    expect((await of('checker', '已读')).map(({ read }) => read)).toEqual([true, false])
    // again, and in another tab
    expect((await mark('checker', { ids: [newest!.id, newest!.id] })).body.unread).toBe(before.checker - 1)
    await submitted('后来的')
    expect((await mark('checker', { upTo: older!.id })).body.unread).toBe(1)
    expect(await unread('chief')).toBe(before.chief + 1)
    // what isn’t theirs can’t be marked, and isn’t said to be there
    expect((await mark('viewer', { upTo: newest!.id })).body).toEqual({ unread: 0, more: false })
    const marks = { name: 'test-marks', text: 'select distinct username from notification_reads' }
    expect(await house.sql.run(marks, [])).toEqual([{ username: 'checker' }])
  })

  it('is read page by page, each once', async () => {
    const { desk, clock } = house.deps
    const many = Array.from({ length: 52 }, (_, i) => ({ ...breakerOpened('bank', clock.now()), key: `test/${i}` }))
    await desk.notifications.add(many)
    const first = await list('checker')
    expect(first.items).toHaveLength(50)
    const second = await list('checker', `?cursor=${first.nextCursor}`)
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual([...ids].sort((a, b) => b - a))
  })

  it('is forgotten after a month', async () => {
    expect((await list('checker')).items.length).toBeGreaterThan(0)
    house.pass(31)
    expect(await list('checker')).toEqual({ items: [], unread: 0, more: false, outside: [] })
  })

  it.each<[string, object]>([
    ['nothing', {}],
    ['both at once', { ids: [1], upTo: 1 }],
    ['no number', { ids: ['1'] }],
    ['a number beyond numbers', { upTo: 1e300 }],
    ['too many', { ids: Array.from({ length: 201 }, (_, i) => i) }],
  ])('refuses a mark that names %s', async (_, body) => {
    expect((await refused(mark('checker', body))).slice(0, 2)).toEqual([400, 'invalid-input'])
  })
})

const isNew = ({ read, settled }: NotificationView) => !read && !settled

import type { NotificationList, NotificationView } from '@contract'
import { screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { refusal } from '../../support/console-bff'

setUp()

const one = (more: Partial<NotificationView> = {}): NotificationView => ({
  id: 9,
  at: '2026-11-20T04:08:30.000Z',
  kind: 'submitted',
  title: '待复核：活动「美食街」上线',
  text: '',
  by: 'maker',
  note: '预算已批',
  place: 'reviews',
  read: false,
  settled: false,
  untold: [],
  ...more,
})
const REJECTED = one({
  id: 8,
  kind: 'rejected',
  title: '已驳回：活动「夜市」上线',
  note: '预算写错了',
  place: 'campaigns/night',
})
const list = (items: NotificationView[], more: Partial<NotificationList> = {}) => ({
  data: { items, unread: items.filter(({ read }) => !read).length, more: false, outside: [], ...more },
})
const open = async (items: NotificationView[], more: Partial<NotificationList> = {}) => {
  let left = items.filter(({ read, settled }) => !read && !settled).length
  const desk = serve({
    'GET /admin/notifications': () => list(items, more),
    'GET /admin/notifications/unread': () => ({ data: { unread: left, more: false } }),
    'POST /admin/notifications/read': ({ body }) => {
      left = 'upTo' in (body as object) ? 0 : left - 1
      return { data: { unread: left, more: false } }
    },
  })
  await openConsole('notifications', { username: 'checker', roles: ['checker'] })
  return desk
}
const badge = () => document.querySelector('nav[aria-label=主导航] .c-badge')?.textContent
const rows = () => [...document.querySelectorAll('.notification')].map((row) => row.textContent)

describe('what an operator is told of', () => {
  it('is listed with why, when, by whom and its way there, and how much is new beside the name in the menu', async () => {
    await open([one(), REJECTED, one({ id: 7, read: true, settled: true, note: null, title: '待复核：操作员权限' })])
    expect(rows()).toEqual([
      '待复核：活动「美食街」上线说明：预算已批2026年11月20日 12:08:30 · maker标为已读',
      '已驳回：活动「夜市」上线理由：预算写错了2026年11月20日 12:08:30 · maker标为已读',
      '待复核：操作员权限已处理2026年11月20日 12:08:30 · maker',
    ])
    expect(badge()).toBe('2条未读')
    expect(screen.getByRole('link', { name: '已驳回：活动「夜市」上线' }).getAttribute('href')).toBe(
      '#/console/campaigns/night',
    )
    expect(screen.getAllByRole('img', { name: '未读' })).toHaveLength(2)
  })

  it('is read when it is opened, or by its key, or all of it at once', async () => {
    const desk = await open([one(), REJECTED, one({ id: 7 })])
    await press('标为已读：已驳回：活动「夜市」上线')
    expect(desk.sent('POST /admin/notifications/read').map(({ body }) => body)).toEqual([{ ids: [8] }])
    expect(badge()).toBe('2条未读')
    await press('全部标为已读')
    expect(desk.sent('POST /admin/notifications/read').at(-1)!.body).toEqual({ upTo: 9 })
    expect(badge()).toBeUndefined()
    expect(screen.queryByRole('button', { name: '全部标为已读' })).toBeNull()
    await then(() => screen.getByRole('link', { name: '已驳回：活动「夜市」上线' }).click())
    expect(at()).toBe('campaigns/night')
  })

  it('stays unread when that couldn’t be said, and says so', async () => {
    const desk = await open([one()])
    desk.routes['POST /admin/notifications/read'] = () => refusal(503, 'busy')
    await press('标为已读：待复核：活动「美食街」上线')
    expect(screen.getAllByRole('img', { name: '未读' })).toHaveLength(1)
    expect(document.querySelector('.c-toasts')?.textContent).not.toBe('')
  })

  it('says what couldn’t be told elsewhere', async () => {
    const outside = [{ target: 'wecom' as const, count: 3, oldestAt: '2026-11-20T04:00:00.000Z', code: 'no-answer' }]
    await open([one({ untold: ['wecom'] })], { outside })
    expect(main()).toContain('企业微信群有 3 条没有送达，最早的是 2026年11月20日 12:00:00（no-answer）')
    expect(rows()[0]).toContain('企业微信群没有送达')
  })

  it('is nothing yet', async () => {
    await open([])
    expect(main()).toContain('还没有消息')
    expect([badge(), screen.queryByRole('button', { name: '全部标为已读' })]).toEqual([undefined, null])
  })
})

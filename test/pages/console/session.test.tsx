import { fireEvent, screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, settle, setUp, then } from '../../support/console'
import { campaignSummary, refusal, sessionOf } from '../../support/console-bff'

setUp()

const type = (label: string, text: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } })
const alerts = () => [...document.querySelectorAll('[role=alert]')].map((one) => one.textContent).join('')
const nav = () => [...document.querySelectorAll('nav[aria-label=主导航] a')].map((link) => link.textContent)

async function logIn(username: string, password: string) {
  type('用户名', username)
  type('密码', password)
  await press('登录')
}

describe('logging in', () => {
  it('opens the page that was wanted', async () => {
    const desk = serve({ 'POST /admin/session': () => ({ data: sessionOf() }) })
    await openConsole('campaigns?state=running', null)
    await logIn(' maker ', 'a password')
    expect(desk.sent('POST /admin/session').map(({ body }) => body)).toEqual([
      { username: 'maker', password: 'a password' },
    ])
    expect(at()).toBe('campaigns?state=running')
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('活动')
    expect(desk.sent('GET /admin/campaigns')[0]?.headers.get('Authorization')).toBe('Bearer token-1')
  })

  it('says that the password is wrong, keeps the name and empties the password', async () => {
    serve({ 'POST /admin/session': () => refusal(401, 'login-refused') })
    await openConsole('', null)
    await logIn('maker', 'wrong')
    expect(alerts()).toBe('! 用户名或密码不正确')
    expect(screen.getByLabelText<HTMLInputElement>('用户名').value).toBe('maker')
    expect(screen.getByLabelText<HTMLInputElement>('密码').value).toBe('')
  })

  it('says for how long a locked account must wait', async () => {
    serve({ 'POST /admin/session': () => ({ ...refusal(429, 'login-locked'), headers: { 'retry-after': '840' } }) })
    await openConsole('', null)
    await logIn('maker', 'wrong')
    expect(alerts()).toBe(
      '! 输错次数过多，暂时不能登录：请 14 分钟后再试，或换一台登录过的电脑；密码输错的可请管理员解锁',
    )
  })

  it('offers single sign-on where there is one, and redeems its ticket once', async () => {
    const desk = serve({
      'GET /admin/session/ways': () => ({
        data: { password: true, singleSignOn: { name: '行内统一认证', startUrl: '/admin/oidc/start' } },
      }),
      'POST /admin/session/ticket': () => ({ data: sessionOf({ singleSignOn: true }) }),
    })
    await openConsole('login/index', null)
    const link = screen.getByRole('link', { name: '用行内统一认证登录' })
    expect(link.getAttribute('href')).toBe('/admin/oidc/start')
    await then(() => {
      history.replaceState(null, '', '#/console/login/index?ticket=t1')
      window.dispatchEvent(new Event('popstate'))
    })
    expect(desk.sent('POST /admin/session/ticket').map(({ body }) => body)).toEqual([{ ticket: 't1' }])
    expect(at()).toBe('home')
    expect(document.querySelector('.c-side')?.textContent).not.toContain('修改密码')
  })

  it('says why single sign-on failed', async () => {
    await openConsole('login/index?refused=sign-on-unknown', null)
    expect(alerts()).toBe('! 单点登录成功，但本系统没有您的账号，请联系管理员')
  })

  it('shows nothing else until a password that is due is changed', async () => {
    const desk = serve({ 'POST /admin/password': () => ({ data: sessionOf({ mustChangePassword: false }) }) })
    await openConsole('campaigns', { mustChangePassword: true })
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('先修改密码')
    expect(desk.sent('GET /admin/campaigns')).toEqual([])
    type('现在的密码', 'given by admin')
    type('新密码', 'short')
    type('再输一次新密码', 'other')
    await press('修改密码')
    expect(main()).toContain('至少 10 位')
    expect(main()).toContain('两次输入不一致')
    expect(desk.sent('POST /admin/password')).toEqual([])
    type('新密码', 'long enough now')
    type('再输一次新密码', 'long enough now')
    await press('修改密码')
    expect(desk.sent('POST /admin/password').map(({ body }) => body)).toEqual([
      { current: 'given by admin', next: 'long enough now' },
    ])
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('活动')
  })
})

describe('a session', () => {
  it('whose token has ended is renewed once for all requests of a page, which are then asked again', async () => {
    const ended = refusal(401, 'token-expired')
    const desk = serve({
      'GET /admin/campaigns': ({ headers }) =>
        headers.get('Authorization') === 'Bearer token-2' ? { data: { items: [campaignSummary()] } } : ended,
      'GET /admin/branches': ({ headers }) =>
        headers.get('Authorization') === 'Bearer token-2' ? { data: { items: [] } } : ended,
      'POST /admin/session/refresh': () => ({ data: sessionOf({}, { token: 'token-2', refreshToken: 'refresh-2' }) }),
    })
    await openConsole('campaigns')
    expect(desk.sent('POST /admin/session/refresh').map(({ body }) => body)).toEqual([{ refreshToken: 'refresh-1' }])
    expect(main()).toContain('美食街扫码立减')
  })

  it('that can’t be renewed ends at the log-in page, which says so', async () => {
    serve({
      'GET /admin/campaigns': () => refusal(401, 'token-expired'),
      'POST /admin/session/refresh': () => refusal(401, 'login-refused'),
    })
    await openConsole('campaigns')
    expect(main()).toContain('登录已过期，请重新登录。')
    expect(sessionStorage.getItem('fapai.console')).toBeNull()
    expect(at()).toBe('campaigns')
  })

  it('survives a server that can’t be reached for a moment', async () => {
    serve({
      'GET /admin/campaigns': () => refusal(401, 'token-expired'),
      'POST /admin/session/refresh': () => 'offline',
    })
    await openConsole('campaigns')
    expect(main()).toContain('网络不通，请检查网络后重试')
    expect(sessionStorage.getItem('fapai.console')).not.toBeNull()
  })

  it.each([
    [429, 'too-many-requests', '操作太频繁'],
    [408, 'request-too-slow', '请求没有完整送达'],
    [403, 'http-403', '操作没有成功'],
  ])('survives a renewal that is stopped on its way (%s %s)', async (status, code, said) => {
    let stopped = true
    const desk = serve({
      'GET /admin/campaigns': ({ headers }) =>
        headers.get('Authorization') === 'Bearer token-2'
          ? { data: { items: [campaignSummary()] } }
          : refusal(401, 'token-expired'),
      'POST /admin/session/refresh': () =>
        stopped ? refusal(status, code) : { data: sessionOf({}, { token: 'token-2', refreshToken: 'refresh-2' }) },
    })
    await openConsole('campaigns')
    expect(main()).toContain(said)
    expect(main()).not.toContain('登录已过期')
    expect(JSON.parse(sessionStorage.getItem('fapai.console')!)).toMatchObject({ refreshToken: 'refresh-1' })
    stopped = false
    await press('重试')
    expect(main()).toContain('美食街扫码立减')
    expect(desk.sent('POST /admin/session/refresh').at(-1)?.body).toEqual({ refreshToken: 'refresh-1' })
  })

  it('ends by its own key, on the server too', async () => {
    const desk = serve({ 'POST /admin/session/end': () => ({ data: { ended: true } }) })
    await openConsole('campaigns')
    await press('退出')
    expect(desk.sent('POST /admin/session/end')).toHaveLength(1)
    expect(main()).toContain('已退出。')
  })

  it('of whom an administrator gave a new password meanwhile must change it first', async () => {
    serve({ 'GET /admin/campaigns': () => refusal(403, 'password-change-due') })
    await openConsole('campaigns')
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('先修改密码')
  })
})

describe('the frame', () => {
  it.each([
    ['maker', ['今天', '消息', '活动', '待复核', '待办', '商户', '对账', '可疑交易', '订单', '退款']],
    ['viewer', ['今天', '消息', '活动', '待复核', '商户', '订单', '退款']],
    ['auditor', ['今天', '消息', '活动', '待复核', '待办', '商户', '对账', '可疑交易', '订单', '退款', '审计日志']],
    ['admin', ['今天', '消息', '活动', '待复核', '商户', '订单', '退款', '审计日志', '操作员']],
  ] as const)('shows a %s only what they may open', async (role, entries) => {
    await openConsole('campaigns', { roles: [role] })
    expect(nav()).toEqual(entries)
  })

  it('leaves out what concerns the whole bank for an operator of one branch', async () => {
    await openConsole('campaigns', { roles: ['checker'], branchCode: 'B01' })
    expect(nav()).toEqual(['今天', '消息', '活动', '待复核', '商户', '订单', '退款'])
    expect(document.querySelector('.c-side__foot')?.textContent).toContain('网点 B01')
  })

  it('counts what waits for this operator’s review', async () => {
    serve({ 'GET /admin/reviews': () => ({ data: { items: [{ mayReview: true }, { mayReview: false }] } }) })
    await openConsole('campaigns', { roles: ['checker'] })
    expect(nav()).toContain('待复核1项待我复核')
  })

  it('tells apart a page that isn’t there and one that isn’t for them', async () => {
    await openConsole('nowhere/at/all')
    expect(main()).toContain('没有这一页')
    await then(() => {
      history.replaceState(null, '', '#/console/operators')
      window.dispatchEvent(new Event('popstate'))
    })
    expect(main()).toContain('没有权限')
  })

  it.each(['merchants/请速致电 12345', 'campaigns/<b>x', `orders/${'a'.repeat(81)}`])(
    'repeats nothing that somebody put into an address: %s',
    async (place) => {
      await openConsole(encodeURI(place))
      expect(main()).toContain('没有这一页')
      expect(document.body.textContent).not.toContain(place.split('/')[1])
    },
  )

  it('has real links, follows them in place, and goes back', async () => {
    await openConsole('campaigns')
    const link = screen.getByRole('link', { name: '待复核' })
    expect(link.getAttribute('href')).toBe('#/console/reviews')
    await then(() => void fireEvent.click(link))
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('待复核')
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }))
    expect(document.querySelector('nav [aria-current=page]')?.textContent).toBe('待复核')
    await then(() => history.back())
    await settle()
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('活动')
  })

  it('keeps the browser’s steps inside of it from Taro’s router', async () => {
    await openConsole('campaigns')
    const heard = jest.fn()
    window.addEventListener('popstate', heard)
    await then(() => {
      history.replaceState(null, '', '#/console/reviews')
      window.dispatchEvent(new Event('popstate'))
    })
    expect(heard).not.toHaveBeenCalled()
    await then(() => {
      history.replaceState(null, '', '#/pages/pay/index')
      window.dispatchEvent(new Event('popstate'))
    })
    expect(heard).toHaveBeenCalledTimes(1)
    window.removeEventListener('popstate', heard)
  })
})

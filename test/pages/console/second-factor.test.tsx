import type { EnrolmentView } from '@contract'
import { fireEvent, screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, settle, setUp } from '../../support/console'
import { refusal, sessionOf } from '../../support/console-bff'

setUp()

const type = (label: string, text: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } })
const alerts = () => [...document.querySelectorAll('[role=alert]')].map((one) => one.textContent).join('')
const title = () => screen.getByRole('heading', { level: 1 }).textContent

const ENROLMENT: EnrolmentView = {
  secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  uri: 'otpauth://totp/bank:li?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=bank',
  ticket: 'e-1',
  expiresAt: '2099-01-01T00:00:00.000Z',
}
const CODES = ['abcd-efgh-ijkm-npqr', 'stuv-wxyz-2345-6789']

/** The second step is asked for. */
const asked = () => {
  const { status, data } = refusal(401, 'second-factor-required')
  return { status, data: { ...data, ticket: 't-1' } }
}

async function logIn() {
  type('用户名', 'li')
  type('密码', 'a password')
  await press('登录')
}

describe('the second step of a log-in', () => {
  it('asks for the code after the password, and opens the page that was wanted', async () => {
    const desk = serve({
      'POST /admin/session': () => asked(),
      'POST /admin/session/second-factor': () => ({ data: sessionOf({ roles: ['checker'] }) }),
    })
    await openConsole('reviews', null)
    await logIn()
    expect(title()).toBe('两步验证')
    type('验证码', '１２３ ４５６')
    await press('登录')
    expect(desk.sent('POST /admin/session/second-factor').map(({ body }) => body)).toEqual([
      { ticket: 't-1', code: '１２３ ４５６' },
    ])
    expect(at()).toBe('reviews')
  })

  it.each([
    ['wrong', '验证码不正确，请重新输入'],
    ['late', '这是之前的验证码：手机时间慢了，请在手机上打开“自动设置时间”再试'],
    ['used', '这个验证码已经用过，请等验证器换下一个再输入'],
    ['malformed', '请输入验证器上的 6 位数字，或 16 位恢复码'],
  ])('says why a code isn’t taken: %s', async (reason, words) => {
    serve({
      'POST /admin/session': () => asked(),
      'POST /admin/session/second-factor': () => refusal(422, 'code-refused', 'code', reason),
    })
    await openConsole('', null)
    await logIn()
    type('验证码', '123456')
    await press('登录')
    expect(alerts()).toBe(`! ${words}`)
    expect(screen.getByLabelText<HTMLInputElement>('验证码').value).toBe('')
  })

  it('begins anew when it took too long', async () => {
    serve({
      'POST /admin/session': () => asked(),
      'POST /admin/session/second-factor': () => refusal(401, 'login-refused'),
    })
    await openConsole('', null)
    await logIn()
    type('验证码', '123456')
    await press('登录')
    expect(title()).toBe('登录')
    expect(alerts()).toBe('! 等得太久了，请重新登录')
  })
})

describe('setting up a second factor', () => {
  it('comes before anything else where it is due, and ends with the codes to recover with', async () => {
    const desk = serve({
      'POST /admin/second-factor': () => ({ data: ENROLMENT }),
      'POST /admin/second-factor/confirm': () => ({ data: { recoveryCodes: CODES } }),
    })
    await openConsole('reviews', { roles: ['checker'] }, { secondFactorDue: true })
    expect(title()).toBe('设置两步验证')
    expect(desk.sent('GET /admin/reviews')).toEqual([])
    await press('装好了，下一步')
    expect(screen.getByRole('img', { name: '验证器要扫的二维码' })).toBeTruthy()
    expect(main()).toContain('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ')
    type('验证码', '123456')
    await press('启用')
    expect(desk.sent('POST /admin/second-factor/confirm').map(({ body }) => body)).toEqual([
      { ticket: 'e-1', code: '123456' },
    ])
    for (const code of CODES) expect(main()).toContain(code)
    await press('已保存，继续')
    await settle()
    expect(title()).toBe('待复核')
  })

  it('is due, too, when the server says so in the middle of work', async () => {
    serve({ 'GET /admin/campaigns': () => refusal(403, 'second-factor-due') })
    await openConsole('campaigns', { roles: ['checker'] })
    await settle()
    expect(title()).toBe('设置两步验证')
  })

  it('asks for a code of the old telephone before it shows a new secret', async () => {
    const desk = serve({
      'GET /admin/second-factor': () => ({
        data: { required: true, since: '2026-11-01T00:00:00.000Z', recoveryCodesLeft: 3 },
      }),
      'POST /admin/second-factor': ({ body }) =>
        (body as { code?: string }).code === '654321'
          ? { data: ENROLMENT }
          : refusal(422, 'code-refused', 'code', 'wrong'),
    })
    await openConsole('second-factor', { roles: ['checker'] })
    await settle()
    expect(main()).toContain('剩余恢复码3 个')
    await press('换手机，或重新生成恢复码')
    type('现在的验证码', '111111')
    await press('下一步')
    expect(main()).toContain('验证码不正确，请重新输入')
    type('现在的验证码', '654321')
    await press('下一步')
    expect(desk.sent('POST /admin/second-factor')).toHaveLength(2)
    expect(screen.getByRole('img', { name: '验证器要扫的二维码' })).toBeTruthy()
  })
})

describe('a new password', () => {
  it('that is guessed soon is refused beside its field, with why', async () => {
    serve({ 'POST /admin/password': () => refusal(422, 'password-refused', 'next', 'personal') })
    await openConsole('password')
    type('现在的密码', 'the present one')
    type('新密码', 'fapai-20261128')
    type('再输一次新密码', 'fapai-20261128')
    await press('修改密码')
    expect(main()).toContain('不能用用户名、姓名、银行或系统的名字')
    expect(alerts()).toBe('')
  })
})

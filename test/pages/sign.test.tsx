import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { digitsOf, fitsCard, grouped, mobileOf } from '../../src/account'
import SignPage from '../../src/pages/sign/index'
import { host } from '../../src/platform/host'
import { challengeOf, redirectOf, signed, signViewOf } from '../support/signing'
import { fake } from '../support/taro'
import { bff, problem } from '../support/taro-bff'

const SIGN_NO = 'S0123456789ABCDEF'
const CONFIRM = `POST /api/agreements/${SIGN_NO}/confirm`
const SIGNING = `GET /api/agreements/signings/${SIGN_NO}`
const KEPT = () => [...fake.storage].find(([name]) => name.includes('signing'))?.[1]

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:08:30.000Z') })
  fake.reset()
  fake.params = { merchant: 'M0001', amount: '100' }
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
  jest.restoreAllMocks()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
type Routes = Parameters<typeof bff>[0]
async function open(routes: Routes = {}) {
  fake.answer = bff(routes)
  render(<SignPage />)
  await pass(0)
}
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const press = async (name: string | RegExp) => {
  fireEvent.click(button(name))
  await pass(0)
}
const text = () => document.querySelector('.page')?.textContent
const hint = () => document.querySelector('.sign__hint')?.textContent
const open3 = { data: signViewOf({ action: challengeOf() }) }

async function filled(routes: Routes = {}) {
  await open(routes)
  fill('卡号或账号', '6222 0200-1234 5678')
  fill('姓名', ' 张三 ')
  fill('银行预留手机号', '138 1234 5678')
  await press(/^同意把以上信息/)
  await press('下一步')
}

describe('the number of a card', () => {
  it('is typed in groups of four', () => {
    expect(grouped(digitsOf('6222-0200 1234x5678 901'))).toBe('6222 0200 1234 5678 901')
    expect(digitsOf('1'.repeat(40))).toHaveLength(32)
    expect(digitsOf('６222 ０200')).toBe('62220200')
  })

  it('of a telephone comes without the country before it, and is never cut to another', async () => {
    expect(['+86 138 1234 5678', '＋８６138-1234-5678', '13812345678'].map(mobileOf)).toEqual(
      Array(3).fill('13812345678'),
    )
    expect(mobileOf('86 138 1234 5678')).toBe('8613812345678')
    await open()
    const field = screen.getByLabelText<HTMLInputElement>('银行预留手机号')
    expect('0086 (138) 1234 - 5678'.length).toBeLessThan(field.maxLength)
  })

  it.each([
    ['6222020000000000', false],
    ['4539578763621486', true],
    ['4539578763621468', false],
    ['45395787636', true],
    ['12345678901234567890', true],
  ])('%s fits: %s', (digits, fits) => expect(fitsCard(digits)).toBe(fits))

  it('whoever mends a digit in the middle stays behind it', async () => {
    await open()
    fill('卡号或账号', '62220200')
    const input = screen.getByLabelText<HTMLInputElement>('卡号或账号')
    expect(input.value).toBe('6222 0200')
    // a 9 typed behind the fourth digit
    fireEvent.change(input, { target: { value: '62229 0200', selectionStart: 5, selectionEnd: 5 } })
    expect(input.value).toBe('6222 9020 0')
    expect(input.selectionStart).toBe(6)
  })
})

describe('the form', () => {
  it('goes on only when all is there and the payer agreed', async () => {
    await open()
    expect(button('下一步').disabled).toBe(true)
    fill('卡号或账号', '6222020012345678')
    fill('姓名', '张三')
    fill('银行预留手机号', '13812345678')
    expect(button('下一步').disabled).toBe(true)
    await press(/^同意把以上信息/)
    expect(button('下一步').disabled).toBe(false)
  })

  it('a slip is hinted at once the field is left, and stops nobody', async () => {
    await open()
    fill('卡号或账号', '6222020000000000')
    expect(hint()).toBe('')
    fireEvent.blur(screen.getByLabelText('卡号或账号'))
    fill('银行预留手机号', '1381234567')
    fireEvent.blur(screen.getByLabelText('银行预留手机号'))
    expect(hint()).toBe('卡号好像不对，请再核对一遍手机号一般是 11 位，请核对')
  })

  it('hands what was typed to the bank, and keeps nothing of it', async () => {
    await filled({ 'POST /api/agreements': () => open3 })
    expect(fake.sent('POST', '/api/agreements')[0]?.body).toEqual({
      account: '6222020012345678',
      name: '张三',
      phone: '13812345678',
      returnTo: '/#/pages/sign/index?merchant=M0001&amount=100',
    })
    expect(JSON.stringify([...fake.storage])).not.toMatch(/6222|张三|1381234/)
    expect(KEPT()).toBe(SIGN_NO)
  })

  it('refused by the bank: says so, and what was typed can be mended', async () => {
    await filled({
      'POST /api/agreements': () => ({ data: signViewOf({ state: 'refused', refusal: 'account-refused' }) }),
    })
    expect(hint()).toBe('银行没有核对上。请检查卡号、姓名和银行预留的手机号')
    expect(screen.getByLabelText<HTMLInputElement>('卡号或账号').value).toBe('6222 0200 1234 5678')
    expect(KEPT()).toBeUndefined()
  })

  it.each([
    ['a bank that is away', problem(503, 'channel-unavailable'), '银行暂时无法受理，请稍后再试'],
    ['too many tries', problem(429, 'too-many-signings'), '申请太多次而没有确认，请过一会儿再试'],
    ['no network', 'offline' as const, '网络不通，请检查网络后重试'],
  ])('%s is said at the form', async (_, answer, words) => {
    await filled({ 'POST /api/agreements': () => answer })
    expect(hint()).toBe(words)
    expect(button('下一步').disabled).toBe(false)
  })
})

describe('the code', () => {
  const type = (code: string) => fill('6 位短信验证码', code)

  it('the right one binds the account and leads back to the counter', async () => {
    fake.pages = 2
    await filled({ 'POST /api/agreements': () => open3, [CONFIRM]: () => ({ data: signed }) })
    expect(text()).toContain('短信验证码已发送到 138****5678')
    type('000000')
    await press('确认签约')
    expect(fake.sent('POST', `/api/agreements/${SIGN_NO}/confirm`)[0]?.body).toEqual({
      challengeId: 'ch-1',
      proof: '000000',
    })
    expect(fake.visits).toEqual(['navigateBack'])
    expect(KEPT()).toBeUndefined()
  })

  it('with nothing below the page it leads to the counter with the amount', async () => {
    await filled({ 'POST /api/agreements': () => open3, [CONFIRM]: () => ({ data: signed }) })
    type('000000')
    await press('确认签约')
    expect(fake.visits).toEqual(['redirectTo /pages/pay/index?merchant=M0001&amount=100'])
  })

  it('three wrong ones end it, and it can be begun anew', async () => {
    let left = 3
    await filled({
      'POST /api/agreements': () => open3,
      [CONFIRM]: () => {
        left--
        const action = challengeOf({ attemptsLeft: String(left), lastProof: 'wrong' })
        return {
          data: left > 0 ? signViewOf({ action }) : signViewOf({ state: 'refused', refusal: 'authentication-failed' }),
        }
      },
    })
    for (const words of ['验证码不对，还可以试 2 次', '验证码不对，还可以试 1 次']) {
      type('111111')
      await press('确认签约')
      expect(document.querySelector('.challenge__said')?.textContent).toBe(words)
    }
    type('111111')
    await press('确认签约')
    expect(hint()).toBe('验证码错了太多次，请重新开始')
  })

  it('another account may be taken instead', async () => {
    await filled({ 'POST /api/agreements': () => open3 })
    await press('换一个账户')
    expect(screen.getByLabelText('卡号或账号')).toBeTruthy()
    expect(KEPT()).toBeUndefined()
  })
})

describe('a signing that was begun before', () => {
  const kept = () => {
    fake.storage.set('fapai.person', 'payer-1')
    fake.storage.set(`fapai.signing.${host.person('payer')}.sign`, SIGN_NO)
  }

  it('goes on after a reload', async () => {
    kept()
    await open({ [SIGNING]: () => open3 })
    expect(screen.getByLabelText('6 位短信验证码')).toBeTruthy()
  })

  it('confirmed on the bank’s page leads on as the payer comes back', async () => {
    kept()
    await open({ [SIGNING]: () => ({ data: signed }) })
    expect(fake.visits).toEqual(['redirectTo /pages/pay/index?merchant=M0001&amount=100'])
  })

  it('of which the server knows nothing any more begins anew', async () => {
    kept()
    await open({ [SIGNING]: () => problem(404, 'sign-not-found') })
    expect(screen.getByLabelText('卡号或账号')).toBeTruthy()
    expect(KEPT()).toBeUndefined()
  })

  it('unread is neither begun anew nor taken for done', async () => {
    kept()
    await open({ [SIGNING]: () => 'offline' })
    expect(text()).toBe('!还不知道办好了没有网络不通，请检查网络后重试重新查询')
    fake.answer = bff({ [SIGNING]: () => open3 })
    await press('重新查询')
    expect(screen.getByLabelText('6 位短信验证码')).toBeTruthy()
  })
})

describe('on the bank’s own page', () => {
  const redirected = { data: signViewOf({ action: redirectOf() }) }

  it('the payer’s tap leads there, and the page asks how it went', async () => {
    const payBy = jest.spyOn(host, 'payBy').mockResolvedValue('asked')
    await filled({ 'POST /api/agreements': () => redirected, [SIGNING]: () => redirected })
    expect(payBy).not.toHaveBeenCalled()
    await press('去银行页面确认')
    expect(payBy).toHaveBeenCalledTimes(1)
    fake.answer = bff({ [SIGNING]: () => ({ data: signed }) })
    await pass(3_000)
    expect(fake.visits).toEqual(['redirectTo /pages/pay/index?merchant=M0001&amount=100'])
  })

  it('what has run out can be asked about, or begun anew', async () => {
    await filled({ 'POST /api/agreements': () => ({ data: signViewOf() }) })
    expect(text()).toContain('确认的时间已过，或者银行还没有回应')
    await press('换一个账户')
    expect(screen.getByLabelText('卡号或账号')).toBeTruthy()
  })
})

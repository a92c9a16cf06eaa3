import { fireEvent, render, screen } from '@testing-library/react'
import { Box, Press } from '../../src/components/base.weapp'
import { CodeField } from '../../src/components/code-field.weapp'
import { DayPicker } from '../../src/components/day-picker.weapp'
import { Field } from '../../src/components/field.weapp'
import { host } from '../../src/platform/host'

describe('handing on what the payer must do', () => {
  const bridges = window as { WeixinJSBridge?: object; AlipayJSBridge?: object }
  const action = (kind: 'jsapi' | 'redirect' | 'challenge', params: Record<string, string> = {}) =>
    host.payBy({ kind, params, expiresAt: '2026-11-21T04:00:00.000Z' })
  const wechatSays = (err_msg?: string) => {
    const invoke = jest.fn((_name: string, _params: object, answer: (said: object) => void) => answer({ err_msg }))
    bridges.WeixinJSBridge = { invoke }
    return invoke
  }
  afterEach(() => {
    delete bridges.WeixinJSBridge
    delete bridges.AlipayJSBridge
  })

  it('gives WeChat the parameters as they are', async () => {
    const invoke = wechatSays('get_brand_wcpay_request:ok')
    expect(await action('jsapi', { package: 'prepay_id=1' })).toBe('asked')
    expect(invoke).toHaveBeenCalledWith('getBrandWCPayRequest', { package: 'prepay_id=1' }, expect.any(Function))
  })

  it.each([
    ['get_brand_wcpay_request:cancel', 'cancelled'],
    ['get_brand_wcpay_request:fail', 'asked'],
    [undefined, 'asked'],
  ])('takes WeChat’s %s for %s: a failure is the server’s to judge', async (said, result) => {
    wechatSays(said)
    expect(await action('jsapi')).toBe(result)
  })

  it.each([
    ['9000', 'asked'],
    ['6001', 'cancelled'],
    ['4000', 'asked'],
  ])('takes Alipay’s %s for %s', async (resultCode, result) => {
    bridges.AlipayJSBridge = {
      call: (_n: string, _p: object, answer: (said: object) => void) => answer({ resultCode }),
    }
    expect(await action('jsapi', { tradeNO: '1' })).toBe(result)
  })

  it('says so where it can’t be done, and follows nothing that is no web address', async () => {
    expect(await action('jsapi')).toBe('unavailable')
    expect(await action('challenge')).toBe('unavailable')
    for (const url of ['javascript:alert(1)', 'data:text/html,x', '//elsewhere', ''])
      expect(await action('redirect', { url })).toBe('unavailable')
    expect(await action('redirect')).toBe('unavailable')
  })
})

describe('views of the mini-program', () => {
  const propsOf = (element: Element | null) => JSON.parse(element?.getAttribute('data-props') ?? '{}')

  it('carry role, label and live region under the names of the templates', () => {
    const { container } = render(
      <Box role="status" label="金额" live="polite">
        x
      </Box>,
    )
    expect(propsOf(container.firstElementChild)).toEqual({ ariaRole: 'status', ariaLabel: '金额', ariaLive: 'polite' })
  })

  it('press once, and not while disabled', () => {
    const pressed = jest.fn()
    const { rerender } = render(<Press onPress={pressed}>付款</Press>)
    fireEvent.click(screen.getByText('付款'))
    rerender(
      <Press disabled onPress={pressed}>
        付款
      </Press>,
    )
    fireEvent.click(screen.getByText('付款'))
    expect(pressed).toHaveBeenCalledTimes(1)
  })

  it('pick a date by WeChat’s own picker, up to the last day', () => {
    const { container } = render(
      <DayPicker className="chip" day="2026-11-20" last="2026-11-20" onPick={() => {}}>
        选日期
      </DayPicker>,
    )
    expect(propsOf(container.firstElementChild)).toEqual({ mode: 'date', value: '2026-11-20', end: '2026-11-20' })
    expect(container.textContent).toBe('选日期')
  })

  it('type into WeChat’s own input', () => {
    const { container } = render(
      <Field kind="account" label="卡号" hint="银行卡号" value="6222 02" maxLength={39} onType={() => {}} />,
    )
    expect(propsOf(container.firstElementChild)).toMatchObject({
      type: 'number',
      placeholder: '银行卡号',
      value: '6222 02',
      maxlength: 39,
      ariaLabel: '卡号',
    })
  })

  it('have the code of a message typed in over its cells', () => {
    const { container } = render(
      <CodeField label="验证码" value="12" length={6} onType={() => {}} onEnter={() => {}} />,
    )
    expect(container.textContent).toBe('12')
    expect(propsOf(container.querySelector('[data-taro=Input]'))).toMatchObject({
      type: 'number',
      maxlength: 6,
      focus: true,
    })
  })
})

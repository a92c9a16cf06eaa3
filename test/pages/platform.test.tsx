import { fireEvent, render, screen } from '@testing-library/react'
import { Box, Press } from '../../src/components/base.weapp'
import { CodeField } from '../../src/components/code-field.weapp'
import { DayPicker } from '../../src/components/day-picker.weapp'
import { Field } from '../../src/components/field.weapp'
import { host } from '../../src/platform/host'

describe('handing a text on', () => {
  const phone = navigator as { share?: object; clipboard?: object }
  const has = (more: { share?: object; clipboard?: object; execCommand?: () => boolean }) => {
    Object.defineProperty(phone, 'share', { value: more.share, configurable: true })
    Object.defineProperty(phone, 'clipboard', { value: more.clipboard, configurable: true })
    Object.assign(document, { execCommand: more.execCommand })
  }
  afterEach(() => has({}))

  it('goes by the device’s own sheet; put away, nothing is said to be copied', async () => {
    const share = jest.fn(async () => {})
    has({ share, execCommand: () => true })
    expect(await host.share!('a receipt')).toBe('shared')
    expect(share).toHaveBeenCalledWith({ text: 'a receipt' })
    has({ share: () => Promise.reject(new DOMException('no', 'AbortError')), execCommand: () => true })
    expect(await host.share!('a receipt')).toBe('not')
  })

  it('else by the clipboard, in the old way where that is refused, and leaves no field behind', async () => {
    const writeText = jest.fn(async () => {})
    has({ clipboard: { writeText } })
    expect(await host.share!('a receipt')).toBe('copied')
    expect(writeText).toHaveBeenCalledWith('a receipt')
    has({
      clipboard: { writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) },
      execCommand: () => true,
    })
    expect(await host.share!('a receipt')).toBe('copied')
    has({})
    expect(await host.share!('a receipt')).toBe('not')
    expect(document.querySelector('textarea')).toBeNull()
  })
})

test('a text that is pasted into a field is the field’s', () => {
  const heard: string[] = []
  const stop = host.onPaste((text) => heard.push(text))
  const field = document.body.appendChild(document.createElement('input'))
  const clipboardData = { getData: () => '66' }
  fireEvent.paste(field, { clipboardData })
  fireEvent.paste(document.body, { clipboardData })
  stop()
  fireEvent.paste(document.body, { clipboardData })
  expect(heard).toEqual(['66'])
  field.remove()
})

describe('handing on what the payer must do', () => {
  const bridges = window as { WeixinJSBridge?: object; AlipayJSBridge?: object }
  type Channel = Parameters<typeof host.payBy>[1]
  const action = (channel: Channel, kind: 'jsapi' | 'redirect' | 'challenge', params: Record<string, string> = {}) =>
    host.payBy({ kind, params, expiresAt: '2026-11-21T04:00:00.000Z' }, channel)
  const wechatSays = (err_msg?: string) => {
    const invoke = jest.fn((_name: string, _params: object, answer: (said: object) => void) => answer({ err_msg }))
    bridges.WeixinJSBridge = { invoke }
    return invoke
  }
  const alipaySays = (resultCode?: string) => {
    const call = jest.fn((_name: string, _params: object, answer: (said: object) => void) => answer({ resultCode }))
    bridges.AlipayJSBridge = { call }
    return call
  }
  afterEach(() => {
    delete bridges.WeixinJSBridge
    delete bridges.AlipayJSBridge
    jest.useRealTimers()
  })

  it('gives WeChat the parameters as they are', async () => {
    const invoke = wechatSays('get_brand_wcpay_request:ok')
    expect(await action('wechatpay', 'jsapi', { package: 'prepay_id=1' })).toBe('asked')
    expect(invoke).toHaveBeenCalledWith('getBrandWCPayRequest', { package: 'prepay_id=1' }, expect.any(Function))
  })

  it.each([
    ['get_brand_wcpay_request:cancel', 'cancelled'],
    ['get_brand_wcpay_request:fail', 'asked'],
    [undefined, 'asked'],
  ])('takes WeChat’s %s for %s: a failure is the server’s to judge', async (said, result) => {
    wechatSays(said)
    expect(await action('wechatpay', 'jsapi')).toBe(result)
  })

  it.each([
    ['9000', 'asked'],
    ['6001', 'cancelled'],
    ['4000', 'asked'],
  ])('takes Alipay’s %s for %s', async (resultCode, result) => {
    const call = alipaySays(resultCode)
    expect(await action('alipay', 'jsapi', { tradeNO: '1' })).toBe(result)
    expect(call).toHaveBeenCalledWith('tradePay', { tradeNO: '1' }, expect.any(Function))
  })

  it('gives nothing to the wallet of another app than the order’s', async () => {
    jest.useFakeTimers()
    const [invoke, call] = [wechatSays('get_brand_wcpay_request:ok'), alipaySays('9000')]
    delete bridges.AlipayJSBridge
    const alipays = action('alipay', 'jsapi', { tradeNO: '1' })
    await jest.advanceTimersByTimeAsync(3_000)
    expect(await alipays).toBe('unavailable')
    expect(await action('unionpay', 'jsapi')).toBe('unavailable')
    expect(invoke).not.toHaveBeenCalled()
    expect(call).not.toHaveBeenCalled()
  })

  it('waits for a bridge that comes after the page', async () => {
    jest.useFakeTimers()
    const under = action('wechatpay', 'jsapi', { package: 'prepay_id=1' })
    await jest.advanceTimersByTimeAsync(1_000)
    const invoke = wechatSays('get_brand_wcpay_request:cancel')
    document.dispatchEvent(new Event('WeixinJSBridgeReady'))
    expect(await under).toBe('cancelled')
    expect(invoke).toHaveBeenCalledTimes(1)
  })

  it('a sandbox’s page never stands for a wallet that is there, and is told of nothing that a wallet is', async () => {
    const invoke = wechatSays('get_brand_wcpay_request:ok')
    const told = { package: 'prepay_id=1', sandboxUrl: 'http://127.0.0.1:9/pay/1' }
    expect(await action('wechatpay', 'jsapi', told)).toBe('asked')
    expect(invoke).toHaveBeenCalledWith('getBrandWCPayRequest', { package: 'prepay_id=1' }, expect.any(Function))
  })

  it.each([
    'https://evil.example/',
    'http://127.0.0.1.evil.example/',
    'http://localhost@evil.example/',
    'http://127.0.0.1:8@evil.example/',
    'javascript:1',
  ])('a sandbox’s page is on this machine, and %s is not', async (sandboxUrl) => {
    jest.useFakeTimers()
    const under = action('wechatpay', 'jsapi', { sandboxUrl })
    await jest.advanceTimersByTimeAsync(3_000)
    expect(await under).toBe('unavailable')
  })

  it('says so where it can’t be done, and follows nothing that is no web address', async () => {
    expect(await action('bank', 'jsapi')).toBe('unavailable')
    expect(await action('bank', 'challenge')).toBe('unavailable')
    for (const url of ['javascript:alert(1)', 'data:text/html,x', '//elsewhere', ''])
      expect(await action('unionpay', 'redirect', { url })).toBe('unavailable')
    expect(await action('unionpay', 'redirect')).toBe('unavailable')
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
    const { hoverClass, ariaRole, ariaDisabled } = propsOf(screen.getByText('付款'))
    expect([hoverClass, ariaRole, ariaDisabled]).toEqual(['none', 'button', true])
    expect(screen.getByText('付款').getAttribute('data-taro')).toBe('View')
    expect(screen.getByText('付款').className).toContain('press--off')
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

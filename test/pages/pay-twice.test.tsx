import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { type FakeAnswer, fake } from '../support/taro'
import { bff, figuresOf, merchant, orderOf, problem, quoteOf } from '../support/taro-bff'

/** Nobody pays twice by misunderstanding: what the pay page does when it can't know, and what it says when it does. */

const NOON = Date.parse('2026-11-20T04:00:00.000Z')

beforeEach(() => {
  jest.useFakeTimers({ now: NOON })
  fake.reset()
  fake.params = { merchant: 'M0001' }
})

afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

/** Lets what is due within these milliseconds happen: timers and the answers they ask for. */
const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const TYPING_PAUSE_MS = 250

type Routes = Parameters<typeof bff>[0]

const quoting: Routes = {
  'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
}
const other = { ...merchant, code: 'M0002', name: '城南小炒' }

async function open(routes: Routes) {
  fake.answer = bff({ ...quoting, 'GET /api/merchants/M0002': () => ({ data: other }), ...routes })
  render(<PayPage />)
  await pass(0)
}
/** As a person leaves the page and comes back to it, perhaps of another shop. */
async function reopen(routes: Routes, merchantCode = 'M0001') {
  cleanup()
  fake.params = { merchant: merchantCode }
  await open(routes)
}

const button = (name: string | RegExp) => screen.getByRole('button', { name })
const press = async (name: string | RegExp) => {
  fireEvent.click(button(name))
  await pass(0)
}
async function typeAndPay(keys = '100') {
  for (const key of keys) fireEvent.click(button(key))
  await pass(TYPING_PAUSE_MS)
  await press(/^付款/)
}
const sheet = () => screen.queryByRole('alertdialog')?.textContent
const banners = () => [...document.querySelectorAll('.earlier')].map((one) => one.textContent)
const keysSent = () => fake.sent('POST', '/api/orders').map(({ header }) => header['Idempotency-Key'])
const keysKept = () => [...fake.storage].flatMap(([name, kept]) => (/intents/.test(name) ? (kept as []) : []))

const ORDER = '刚才 12:03 的 ¥66.00'
/** An order of 66.00 at 12:03, as the server lists it. */
const earlier = (more: Parameters<typeof orderOf>[0] = {}) =>
  orderOf({ orderNo: 'F-EARLIER', ...figuresOf(6_600, 0), createdAt: '2026-11-20T04:03:00.000Z', ...more })
const listing = (...orders: ReturnType<typeof orderOf>[]): Routes => ({
  'GET /api/orders': ({ path }) => ({
    data: { items: path.includes('merchantCode=M0001&state=recent') ? orders : [] },
  }),
})
const paying = (answer: () => FakeAnswer): Routes => ({ 'POST /api/orders': answer })

describe('an earlier order here', () => {
  it.each([
    ['paying', '上一笔还在处理', '还在处理'],
    ['paid', '刚刚付过一笔', '已支付'],
  ] as const)('that is %s is shown as the page opens, its result first', async (state, title, words) => {
    await open(listing(earlier({ state })))
    expect(sheet()).toBe(`${title}${ORDER} ${words}。要再付一笔吗？看结果再付一笔`)
    await press('看结果')
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F-EARLIER'])
  })

  it('put away with Escape pays nothing, and asks again', async () => {
    await open({ ...listing(earlier({ state: 'paid' })), ...paying(() => ({ data: orderOf() })) })
    const put = async () => {
      fireEvent.keyDown(screen.getByRole('alertdialog'), { key: 'Escape' })
      await pass(0)
    }
    await put()
    await typeAndPay()
    expect(sheet()).toContain('要再付一笔吗？')
    await put()
    expect(sheet()).toBeUndefined()
    expect(keysSent()).toEqual([])
    await press(/^付款/)
    expect(sheet()).toContain('要再付一笔吗？')
  })

  it('stays in sight after 再付一笔, and is not asked about again before that payment', async () => {
    await open({ ...listing(earlier({ state: 'paying' })), ...paying(() => ({ data: orderOf() })) })
    await press('再付一笔')
    expect(banners()).toEqual([`${ORDER} 还在处理看结果 ›`])
    await typeAndPay()
    expect(sheet()).toBeUndefined()
    expect(keysSent()).toHaveLength(1)
  })

  it('of another tab is found before paying: nothing is sent but by a deliberate second act', async () => {
    await open(paying(() => ({ data: orderOf() })))
    fake.answer = bff({ ...quoting, ...listing(earlier()), ...paying(() => ({ data: orderOf() })) })
    await typeAndPay()
    expect(sheet()).toBe(`刚刚付过一笔${ORDER} 已支付。要再付一笔吗？看结果再付一笔`)
    expect(keysSent()).toEqual([])
    await press('再付一笔')
    expect(keysSent()).toHaveLength(1)
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  })

  it('that the payer hasn’t seen is asked about, though an older one was accepted', async () => {
    await open(listing(earlier()))
    await press('再付一笔')
    fake.answer = bff({ ...quoting, ...listing(earlier({ orderNo: 'F-NEWER', state: 'paying' }), earlier()) })
    await typeAndPay()
    expect(sheet()).toMatch(/^上一笔还在处理/)
    expect(keysSent()).toEqual([])
  })

  it('is found when the person comes back to this tab from another', async () => {
    await open({})
    fake.answer = bff({ ...quoting, ...listing(earlier()) })
    act(() => void document.dispatchEvent(new Event('visibilitychange')))
    await pass(0)
    expect(sheet()).toMatch(/^刚刚付过一笔/)
  })

  it('that was given back in full is none; one of another shop is asked about there alone', async () => {
    await open(listing(earlier({ refundedFen: 6_600 })))
    expect(sheet()).toBeUndefined()
    await reopen(listing(earlier()), 'M0002')
    expect(sheet()).toBeUndefined()
    expect(fake.sent('GET', '/api/orders').at(-1)?.path).toBe('/api/orders?merchantCode=M0002&state=recent')
  })

  it('explains a card that is gone: the payer isn’t told that nothing was debited', async () => {
    let orders = listing()
    await open({
      'GET /api/orders': (request) => orders['GET /api/orders']!(request),
      ...paying(() => {
        orders = listing(earlier())
        return problem(409, 'slot-taken')
      }),
    })
    await typeAndPay()
    expect(sheet()).toBe(`刚刚付过一笔${ORDER} 已支付。要再付一笔吗？看结果再付一笔`)
  })
})

describe('an answer that was lost', () => {
  const UNSURE =
    '付款结果还不知道12:00 的 ¥95.00 已提交，还没有等到结果，会一直确认。请勿重复付款；继续确认不会重复扣款。'

  it('is on the device before anything is sent', async () => {
    let kept: unknown[] = []
    await open(
      paying(() => {
        kept = keysKept()
        return { data: orderOf() }
      }),
    )
    await typeAndPay()
    expect(kept).toMatchObject([{ key: keysSent()[0], merchantCode: 'M0001', payableFen: 9_500 }])
    expect(keysKept()).toEqual([])
  })

  it('is asked for with the same key until it comes, without a touch', async () => {
    let lost = true
    await open(paying(() => (lost ? 'offline' : { data: orderOf() })))
    await typeAndPay()
    await pass(6_000)
    expect(sheet()).toBe(`${UNSURE}继续确认不等了`)
    await pass(130_000)
    lost = false
    await pass(15_000)
    expect(keysSent().length).toBeGreaterThan(10)
    expect(new Set(keysSent()).size).toBe(1)
    expect(fake.visits).toHaveLength(1)
    expect(fake.sent('POST', '/api/quotes')).toHaveLength(1)
  })

  it('can be asked for at once, and is when the network returns', async () => {
    await open(paying(() => 'timeout'))
    await typeAndPay()
    expect(sheet()).toBe(`${UNSURE}继续确认不等了`)
    await press('继续确认')
    expect(keysSent()).toHaveLength(2)
    act(() => void window.dispatchEvent(new Event('online')))
    await pass(0)
    expect(keysSent()).toHaveLength(3)
  })

  it('is asked for when the page is opened again, and forgotten once it is there', async () => {
    await open(paying(() => 'offline'))
    await typeAndPay()
    await reopen(paying(() => ({ data: orderOf() })))
    expect(new Set(keysSent()).size).toBe(1)
    expect(fake.visits).toHaveLength(1)
    expect(keysKept()).toEqual([])
  })

  it('is not erased by 不等了: it stays in sight, and stands before the next payment', async () => {
    await open(paying(() => 'offline'))
    await typeAndPay()
    await pass(6_000)
    await press('不等了')
    expect(banners()).toEqual(['12:00 的 ¥95.00 还不知道结果继续确认 ›'])
    await press(/^付款/)
    expect(sheet()).toBe(`${UNSURE}继续确认再付一笔`)
    await reopen(paying(() => 'offline'))
    expect(sheet()).toBe(`${UNSURE}继续确认不等了`)
    expect(new Set(keysSent()).size).toBe(1)
  })

  it('of one shop is not erased by paying at another, and is no matter there', async () => {
    await open(paying(() => 'offline'))
    await typeAndPay()
    await reopen(
      paying(() => ({ data: orderOf({ merchantCode: 'M0002' }) })),
      'M0002',
    )
    expect([sheet(), banners()]).toEqual([undefined, []])
    await typeAndPay()
    expect(new Set(keysSent()).size).toBe(2)
    await reopen(paying(() => 'offline'))
    expect(sheet()).toBe(`${UNSURE}继续确认不等了`)
    expect(keysSent().at(-1)).toBe(keysSent()[0])
  })

  it('leaves room for a deliberate second payment, and is asked for further beside it', async () => {
    await open(paying(() => 'offline'))
    await typeAndPay()
    await pass(6_000)
    await press('不等了')
    await press(/^付款/)
    await press('再付一笔')
    expect(new Set(keysSent()).size).toBe(2)
    expect(keysKept()).toHaveLength(2)
    const before = keysSent().filter((key) => key === keysSent()[0]).length
    await pass(15_000)
    expect(keysSent().filter((key) => key === keysSent()[0]).length).toBeGreaterThan(before)
  })

  it('that comes after 不等了 is told where the payer is', async () => {
    let answer: FakeAnswer = 'offline'
    await open({ ...listing(), ...paying(() => answer) })
    await typeAndPay()
    await pass(6_000)
    await press('不等了')
    answer = { data: orderOf() }
    fake.answer = bff({ ...quoting, ...listing(earlier()), ...paying(() => answer) })
    await pass(15_000)
    expect(sheet()).toBe(`刚刚付过一笔${ORDER} 已支付。要再付一笔吗？看结果再付一笔`)
    expect([fake.visits, keysKept()]).toEqual([[], []])
  })

  it('that was a refusal is told as one, of that payment', async () => {
    await open(paying(() => 'offline'))
    await typeAndPay()
    await reopen(paying(() => problem(409, 'quote-expired')))
    expect(sheet()).toBe('刚才那笔没有付成12:00 的 ¥95.00 没有扣款。知道了')
    expect(keysKept()).toEqual([])
  })

  it('of a person before on this device, which knows no names, is theirs: nobody else is told of it or kept from paying', async () => {
    await open(paying(() => 'offline'))
    await typeAndPay()
    const [theirs] = keysSent()
    const isTheirs = ({ header }: { header: Record<string, string> }) => header['Idempotency-Key'] === theirs
    await reopen({
      'POST /api/orders': (request) => (isTheirs(request) ? problem(403, 'quote-foreign') : { data: orderOf() }),
    })
    expect([isTheirs(fake.sent('POST', '/api/orders').at(-1)!), sheet(), banners()]).toEqual([true, undefined, []])
    await typeAndPay()
    expect([sheet(), fake.visits.length]).toEqual([undefined, 1])
    expect(keysKept()).toMatchObject([{ key: theirs }])
    await reopen(paying(() => ({ data: orderOf() })))
    expect([keysSent().at(-1), fake.visits.length, keysKept()]).toEqual([theirs, 2, []])
  })
})

describe('a definite refusal', () => {
  const readyFor = async (answer: () => FakeAnswer) => {
    await open(paying(answer))
    await typeAndPay()
  }

  it('of a bank that is away is one, and is tried again when the server said to, as the same intent', async () => {
    let away = true
    await readyFor(() => (away ? problem(503, 'channel-unavailable', { 'retry-after': '3' }) : { data: orderOf() }))
    expect(sheet()).toBe('暂时无法受理没有扣款。请稍等片刻再付，或换一种付款方式。请稍候不付了')
    expect(button('请稍候')).toHaveProperty('disabled', true)
    expect(keysKept()).toEqual([])
    away = false
    await pass(2_999)
    expect(keysSent()).toHaveLength(1)
    await pass(1)
    await press('再试一次')
    expect(keysSent()).toHaveLength(2)
    expect(new Set(keysSent()).size).toBe(1)
    expect(fake.visits).toHaveLength(1)
  })

  it.each([
    [503, 'ledger-unavailable', '服务暂时不可用没有扣款。请稍后重试。再试一次不付了'],
    [429, 'busy', '操作太频繁没有扣款。请稍等片刻再试。再试一次不付了'],
  ])('%s %s', async (status, code, words) => {
    await readyFor(() => problem(status, code))
    await pass(20_000)
    expect(sheet()).toBe(words)
    expect(keysSent()).toHaveLength(1)
    expect(keysKept()).toEqual([])
  })

  it.each<[string, FakeAnswer, string]>([
    ['without a network', 'offline', '网络不通没有扣款。请检查网络后重试。再试一次不付了'],
    ['on a network that is too slow', 'timeout', '网络太慢没有扣款。等了太久没有回应，请重试。再试一次不付了'],
    ['while the server is away', { status: 502, data: '<html>' }, '服务暂时不可用没有扣款。请稍后重试。再试一次不付了'],
  ])('%s nothing is sent, and that is said', async (_, answer, words) => {
    await open({})
    fake.answer = bff({ ...quoting, 'GET /api/orders': () => answer })
    await typeAndPay()
    expect(sheet()).toBe(words)
    expect(keysSent()).toEqual([])
    await press('不付了')
    fake.answer = bff({ ...quoting, ...paying(() => ({ data: orderOf() })) })
    await press(/^付款/)
    expect(fake.visits).toHaveLength(1)
  })

  it.each<[string, FakeAnswer]>([
    ['a proxy’s 503', { status: 503, data: '<html>503</html>' }],
    ['a proxy’s 403', { status: 403, data: '<html>no</html>' }],
    ['a page of the hotel’s network', { status: 200, data: '<html>log in</html>' }],
    ['a fault of the server', problem(500, 'internal')],
    ['a server that is busy', problem(503, 'busy')],
  ])('is not %s: the pay may have arrived', async (_, answer) => {
    await readyFor(() => answer)
    await pass(6_000)
    expect(sheet()).toMatch(/^付款结果还不知道/)
  })

  it.each(['ledger-unavailable', 'channel-unavailable'])(
    'of a retry by %s doesn’t say how the first attempt went',
    async (code) => {
      let attempts = 0
      await readyFor(() => (++attempts === 1 ? 'offline' : problem(503, code, { 'Retry-After': '7' })))
      await pass(499)
      expect(keysSent()).toHaveLength(1)
      await pass(1)
      expect(keysSent()).toHaveLength(2)
      act(() => void window.dispatchEvent(new Event('online')))
      await pass(6_999)
      expect(keysSent()).toHaveLength(2)
      await pass(20_000)
      expect(keysSent().length).toBeGreaterThan(3)
      expect(sheet()).toMatch(/^付款结果还不知道/)
    },
  )

  it('of a retry by who isn’t let in doesn’t either', async () => {
    let attempts = 0
    await readyFor(() => (++attempts === 1 ? 'offline' : problem(403, 'login-refused')))
    await pass(20_000)
    expect(sheet()).toMatch(/^登录失效了/)
    expect(keysKept()).toHaveLength(1)
    expect(new Set(keysSent()).size).toBe(1)
  })
})

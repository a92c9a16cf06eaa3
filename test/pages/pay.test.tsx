import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { fake } from '../support/taro'
import { agreements, bff, merchant, orderOf, problem, quoteOf, TODAYS } from '../support/taro-bff'

beforeEach(() => {
  jest.useFakeTimers()
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

async function open(routes: Parameters<typeof bff>[0]) {
  fake.answer = bff(routes)
  render(<PayPage />)
  await pass(0)
}

const NAMES: Record<string, string> = { '.': '点', '<': '退格' }

function type(keys: string) {
  for (const key of keys) fireEvent.click(screen.getByRole('button', { name: NAMES[key] ?? key }))
}

const payKey = () => screen.getByRole('button', { name: /^付款/ })
/** what can be had, as it stands above everything but the shop's name */
const offer = () => document.querySelector('.offer__words')?.textContent
const panel = () => document.querySelector('.deal')?.textContent
const quotesSent = () => fake.sent('POST', '/api/quotes').map(({ body }) => (body as { amountFen: number }).amountFen)
const amountShown = () => document.querySelector('.amount__line')?.textContent

const quoting = (discountFen = 1_000) => ({
  'POST /api/quotes': ({ body }: { body: unknown }) => ({
    data: quoteOf((body as { amountFen: number }).amountFen, discountFen),
  }),
})

describe('opening the pay page', () => {
  it('shows the merchant, the account and the offer', async () => {
    await open({})
    expect(document.querySelector('.head')?.textContent).toBe('面老街牛肉面城南支行特惠商户 · M0001大字')
    expect(document.querySelector('.method')?.textContent).toBe('南南城银行 (6217)›')
    expect(offer()).toBe('满10元最高减5元多数减 3.5–4.5 元 · 今日还剩 12 份')
    expect(amountShown()).toBe('¥0.00')
    expect(payKey()).toHaveProperty('disabled', true)
  })

  const offering = (today: object) => ({
    'GET /api/merchants/M0001': () => ({ data: { ...merchant, offer: { ...merchant.offer!, ...today } } }),
  })

  it.each(TODAYS)('says what can be given: %s', async (words, today) => {
    await open(offering(today))
    expect(offer()).toBe(`满10元最高减5元${today.reason === null ? '多数减 3.5–4.5 元 · ' : ''}${words}`)
    expect(panel()).toBe(today.reason === null ? '输入金额，看看抽到多少立减另有同额奖励给店家' : '输入付款金额')
  })

  it.each([
    ['a pause while the page is open', { reason: null, remainingToday: 3 }, 'campaign-paused', '活动暂停中'],
    ['cards that came back', { reason: 'all-held', remainingToday: 3 }, null, '多数减 3.5–4.5 元'],
    ['cards that are gone now', { reason: 'all-held', remainingToday: 3 }, 'sold-out', '今日优惠已发完'],
    [
      'what is the order’s own matter',
      { reason: 'all-held', remainingToday: 3 },
      'below-threshold',
      '优惠名额暂时被占用',
    ],
    [
      'the payer’s own limit',
      { reason: null, remainingToday: 3 },
      'limit-reached',
      '多数减 3.5–4.5 元 · 今日还剩 3 份',
    ],
  ] as const)('never says two things at once: %s', async (_, today, reason, words) => {
    const quote = quoteOf(10_000, reason === null ? 1_000 : 0, { reason })
    await open({ ...offering(today), 'POST /api/quotes': () => ({ data: quote }) })
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(offer()).toBe(`满10元最高减5元${words}`)
  })

  it('lets a payer pay in full for a reason that it doesn’t know yet', async () => {
    const quote = { ...quoteOf(10_000, 0), reason: 'of-tomorrow' }
    await open({ 'POST /api/quotes': () => ({ data: quote }) })
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(panel()).toBe('实付 ¥100.00暂无优惠，可以原价付款')
    expect(payKey()).toHaveProperty('disabled', false)
  })

  it('logs in once for all it reads, as a person kept on this device', async () => {
    await open({})
    expect(fake.sent('POST', '/api/session')).toHaveLength(1)
    expect(fake.sent('POST', '/api/session')[0]?.body).toEqual({
      platform: 'browser',
      code: expect.stringMatching(/^payer-[a-z0-9]{6}$/),
    })
    expect(fake.sent('GET', '/api/agreements')[0]?.header.Authorization).toBe('Bearer token-1')
    expect(fake.sent('GET', '/api/merchants/M0001')[0]?.header.Authorization).toBeUndefined()
  })

  it('logs in anew, once, when the server no longer knows the session', async () => {
    let refused = 0
    await open({
      'GET /api/agreements': () => (refused++ === 0 ? problem(401, 'unauthorized') : { data: agreements }),
    })
    expect(document.querySelector('.method')?.textContent).toBe('南南城银行 (6217)›')
    expect(fake.sent('POST', '/api/session')).toHaveLength(2)
  })

  it('says that a merchant is unknown, and offers no vain retry', async () => {
    await open({ 'GET /api/merchants/M0001': () => problem(404, 'merchant-not-found') })
    expect(document.querySelector('.page')?.textContent).toBe('!没有找到这家商户商户号 M0001，请重新扫码')
  })

  it('says that the network is down and reads again when asked to', async () => {
    await open({ 'GET /api/merchants/M0001': () => 'offline' })
    expect(document.querySelector('.page')?.textContent).toBe('!网络不通请检查网络后重试重试')
    fake.answer = bff({})
    fireEvent.click(screen.getByRole('button', { name: '重试' }))
    await pass(0)
    expect(screen.getByText('老街牛肉面')).toBeTruthy()
  })

  it('leads to a QR when no merchant is named', async () => {
    fake.params = { $taroTimestamp: '1' }
    await open({})
    expect(screen.getByRole('heading').textContent).toBe('扫店里的收款码付款')
  })
})

describe('the quote as one types', () => {
  it('asks once after the last digit and deals the card', async () => {
    await open(quoting())
    type('100')
    expect(panel()).toBe('正在算优惠…')
    await pass(TYPING_PAUSE_MS)
    expect(quotesSent()).toEqual([10_000])
    expect(panel()).toBe('立减5.00实付 ¥95.00已为您抽到 ¥5.00另有 ¥5.00 奖励给店家')
    expect(payKey().textContent).toBe('付款¥95.00')
    expect(document.querySelector('.method__chip')?.textContent).toBe('立减 ¥5.00')
    expect(screen.getByText('已为您抽到 5.00 元，实付 95.00 元').getAttribute('aria-live')).toBe('polite')
  })

  it('counts down in the last half minute alone', async () => {
    await open(quoting())
    type('100')
    await pass(TYPING_PAUSE_MS)
    const kept = '立减5.00实付 ¥95.00已为您抽到 ¥5.00'
    await pass(89_000)
    expect(panel()).toBe(`${kept}另有 ¥5.00 奖励给店家`)
    await pass(1_000)
    expect(panel()).toBe(`${kept}，还保留 30 秒另有 ¥5.00 奖励给店家`)
    await pass(29_000)
    expect(panel()).toBe(`${kept}，还保留 1 秒另有 ¥5.00 奖励给店家`)
  })

  it('never shows the discount of an amount typed before', async () => {
    const answers: ((answer: unknown) => void)[] = []
    await open({
      'POST /api/quotes': ({ body }) =>
        new Promise((resolve) => {
          const { amountFen } = body as { amountFen: number }
          answers.push(() => resolve({ data: quoteOf(amountFen) }))
        }),
    })
    type('20')
    await pass(TYPING_PAUSE_MS)
    type('0')
    await pass(TYPING_PAUSE_MS)
    expect(quotesSent()).toEqual([2_000, 20_000])
    answers[1]?.(undefined)
    await pass(0)
    expect(payKey().textContent).toBe('付款¥195.00')
    answers[0]?.(undefined)
    await pass(0)
    expect(payKey().textContent).toBe('付款¥195.00')
    type('<')
    expect(payKey().textContent).toBe('付款')
    expect(payKey()).toHaveProperty('disabled', true)
    expect(panel()).toBe('正在算优惠…')
  })

  it('takes what a Chinese keyboard sends, and an amount from the clipboard; other text changes nothing', async () => {
    await open(quoting())
    const shown = () => document.querySelector('.amount__text')?.textContent
    const paste = (text: string) =>
      fireEvent.paste(document.body, { clipboardData: { getData: () => text } as unknown as DataTransfer })
    for (const key of ['１', '2', '。', '５']) fireEvent.keyDown(document.body, { key })
    expect(shown()).toBe('12.5')
    paste('¥１，２３４．５０')
    expect(shown()).toBe('1234.50')
    paste('订单 20261128')
    expect(shown()).toBe('1234.50')
  })

  it('takes the keys of a physical keyboard, and Enter pays', async () => {
    await open({ ...quoting(), 'POST /api/orders': () => ({ data: orderOf() }) })
    for (const key of ['1', '2', '.', '5', 'e', '-', 'Backspace', '8']) fireEvent.keyDown(document.body, { key })
    fireEvent.keyDown(document.body, { key: '9', ctrlKey: true })
    expect(amountShown()).toBe('¥12.8')
    await pass(TYPING_PAUSE_MS)
    fireEvent.keyDown(document.body, { key: 'Enter' })
    await pass(0)
    expect(fake.sent('POST', '/api/orders')).toHaveLength(1)
  })

  it.each([
    ['below-threshold', '8.5', '实付 ¥8.50还差 ¥1.50 可享优惠'],
    ['sold-out', '100', '实付 ¥100.00今日优惠已发完，可以原价付款'],
    ['all-held', '100', '实付 ¥100.00优惠名额暂时被占用，可以稍后再试，或原价付款'],
    ['discount-unavailable', '100', '实付 ¥100.00优惠暂时不可用，可以原价付款'],
    ['not-in-campaign', '100', '实付 ¥100.00本店暂无优惠活动，可以原价付款'],
    ['campaign-not-started', '100', '实付 ¥100.00活动尚未开始，可以原价付款'],
    ['campaign-paused', '100', '实付 ¥100.00活动暂停中，可以原价付款'],
    ['campaign-ended', '100', '实付 ¥100.00活动已结束，可以原价付款'],
    ['limit-reached', '100', '实付 ¥100.00您今天的优惠次数已用完，可以原价付款'],
    ['budget-exhausted', '100', '实付 ¥100.00活动经费已用完，可以原价付款'],
    ['channel-not-eligible', '100', '实付 ¥100.00该付款方式不参加优惠，可以原价付款'],
  ] as const)('says why there is no discount: %s', async (reason, keys, sentence) => {
    await open({
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen, 0, { reason }) }),
    })
    type(keys)
    await pass(TYPING_PAUSE_MS)
    expect(panel()).toBe(sentence)
    expect(payKey()).toHaveProperty('disabled', false)
  })

  it('names the limit for an amount no static code may take, and offers nothing to press', async () => {
    await open({ 'POST /api/quotes': () => problem(422, 'amount-above-limit') })
    type('501')
    await pass(TYPING_PAUSE_MS)
    expect(panel()).toBe('超过限额扫店里的收款码，每人每天能付的有限额，请减少金额')
    expect(payKey()).toHaveProperty('disabled', true)
  })

  it('says that it cannot be worked out offline, and asks again when told to', async () => {
    await open({ 'POST /api/quotes': () => 'timeout' })
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(panel()).toBe('网络太慢暂时算不出优惠重试')
    expect(payKey()).toHaveProperty('disabled', true)
    fake.answer = bff(quoting())
    fireEvent.click(screen.getByRole('button', { name: '重试' }))
    await pass(TYPING_PAUSE_MS)
    expect(payKey().textContent).toBe('付款¥95.00')
  })
})

describe('a quote that ends', () => {
  it('is asked again by itself, and a new figure is pointed out', async () => {
    let asked = 0
    await open({ 'POST /api/quotes': () => ({ data: quoteOf(10_000, asked++ === 0 ? 1_000 : 800) }) })
    type('100')
    await pass(TYPING_PAUSE_MS)
    await pass(120_000)
    await pass(0)
    expect(quotesSent()).toEqual([10_000, 10_000])
    expect(panel()).toBe('立减4.00实付 ¥96.00已为您抽到 ¥4.00另有 ¥4.00 奖励给店家实付金额变多了，请核对后再付')
    expect(screen.getByRole('button', { name: '请核对 96.00 元' }).textContent).toBe('请核对¥96.00')
  })

  it('is given back when nobody touches the page for long', async () => {
    await open(quoting())
    type('100')
    await pass(TYPING_PAUSE_MS)
    for (let i = 0; i < 8; i++) {
      await pass(120_000)
      await pass(0)
    }
    expect(quotesSent()).toHaveLength(6)
    expect(panel()).toBe('优惠保留已到期再算一次就可以付款重试')
    expect(payKey()).toHaveProperty('disabled', true)
  })
})

describe('paying', () => {
  const readyToPay = async (order: Parameters<typeof bff>[0][string]) => {
    await open({ ...quoting(), 'POST /api/orders': order })
    type('100')
    await pass(TYPING_PAUSE_MS)
  }
  const keysSent = () => fake.sent('POST', '/api/orders').map(({ header }) => header['Idempotency-Key'])

  it('sends the quote and the agreement, and goes to the result the server will tell', async () => {
    await readyToPay(() => ({ data: orderOf({ state: 'paying' }) }))
    fireEvent.click(payKey())
    await pass(0)
    const [sent] = fake.sent('POST', '/api/orders')
    expect(sent?.body).toEqual({
      quoteId: expect.stringMatching(/^quote-/),
      agreementId: agreements.items[0]?.agreementId,
    })
    expect(sent?.header['Idempotency-Key']).toMatch(/^[\x21-\x7e]{8,128}$/)
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  })

  it('pays once however often the key is tapped', async () => {
    await readyToPay(() => ({ data: orderOf() }))
    act(() => {
      for (let i = 0; i < 5; i++) payKey().click()
    })
    fireEvent.keyDown(document.body, { key: 'Enter' })
    await pass(0)
    expect(keysSent()).toHaveLength(1)
    expect(fake.visits).toHaveLength(1)
  })

  it('sends the same key again when the network fails, and only then', async () => {
    let attempts = 0
    await readyToPay(() => (++attempts < 3 ? 'offline' : { data: orderOf() }))
    fireEvent.click(payKey())
    await pass(5_000)
    expect(keysSent()).toHaveLength(3)
    expect(new Set(keysSent()).size).toBe(1)
    expect(fake.visits).toHaveLength(1)
  })

  it.each([
    ['quote-expired', '优惠保留时间已过没有扣款。会再算一次优惠，请核对新的实付金额后再付。核对新金额'],
    ['slot-taken', '这份优惠刚被用掉这一笔没有扣款。会再算一次优惠，请核对新的实付金额后再付。核对新金额'],
    ['quote-used', '这笔已经付过款请勿重复付款。确实要再付一笔，请核对新的金额。再付一笔'],
    [
      'daily-limit-reached',
      '超过今日限额没有扣款。扫店里的收款码，每人每天能付的有限额。请减少金额、换一种付款方式，或明天再付。修改金额',
    ],
    ['something-new', '这笔付款没有受理没有扣款。请核对金额后再付。重新核对'],
  ])('%s is explained, quoted anew, and not paid again by itself', async (code, sentence) => {
    await readyToPay(() => problem(409, code))
    fireEvent.click(payKey())
    await pass(0)
    expect(screen.getByRole('alertdialog').textContent).toBe(sentence)
    fireEvent.click(screen.getAllByRole('button').at(-1)!)
    await waitFor(() => expect(quotesSent()).toHaveLength(2))
    await pass(1_000)
    expect(keysSent()).toHaveLength(1)
    expect(payKey()).toHaveProperty('disabled', false)
    fireEvent.click(payKey())
    await pass(0)
    expect(new Set(keysSent()).size).toBe(2)
  })
})

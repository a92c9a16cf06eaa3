import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { pageOfScan } from '../../src/entry'
import PayPage from '../../src/pages/pay/index'
import { host } from '../../src/platform/host'
import { fake } from '../support/taro'
import { bff } from '../support/taro-bff'

beforeEach(() => fake.reset())
afterEach(() => {
  cleanup()
  delete host.scan
  host.platform = 'browser'
})

async function open(routes: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff(routes)
  await act(async () => void render(<PayPage />))
}
const text = () => document.querySelector('.page')?.textContent
const press = (name: string | RegExp) => act(async () => fireEvent.click(screen.getByRole('button', { name })))

describe('opened without a code', () => {
  it('says how to pay, leads to the payer’s own, and logs nobody in', async () => {
    await open()
    expect(text()).toBe(
      '扫店里的收款码付款1打开微信，点“+”里的“扫一扫”2对准店里的收款码3输入金额，核对后付款我的付款付过的款、退款、还没付完的›付款账户签约、解约、免密›',
    )
    expect(fake.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/login-way?platform=browser',
    ])
    await press(/^我的付款/)
    expect(fake.visits).toEqual(['navigateTo /pages/orders/index'])
  })

  it('says so to whoever came by an address that leads nowhere', async () => {
    fake.params = { lost: '1' }
    await open()
    expect(screen.getByRole('status').textContent).toBe('没有您要找的页面，地址可能不完整')
    expect(text()).toContain('对准店里的收款码')
  })

  it('leads to nothing of a payer’s where none can be known', async () => {
    await open({ 'GET /api/login-way': () => ({ data: { way: 'none' } }) })
    expect(screen.queryByText('我的付款')).toBeNull()
    expect(text()).toContain('对准店里的收款码')
  })

  it('still says how to pay when the network is down', async () => {
    await open({ 'GET /api/login-way': () => 'offline' })
    expect(text()).toContain('扫店里的收款码付款')
    expect(screen.queryByText('我的付款')).toBeNull()
  })

  it.each([
    ['wechat-h5', '回到微信，点“+”里的“扫一扫”'],
    ['alipay-h5', '回到支付宝首页，点“扫一扫”'],
    ['unionpay-h5', '回到云闪付首页，点“扫一扫”'],
    ['bank-h5', '回到手机银行首页，点“扫一扫”'],
  ] as const)('in %s speaks of its own scanner', async (platform, words) => {
    host.platform = platform
    await open()
    expect(text()).toContain(words)
  })

  it('in WeChat’s browser a person may become a merchant’s user too', async () => {
    host.platform = 'wechat-h5'
    await open()
    await press('我是商户')
    expect(fake.visits).toEqual(['navigateTo /pages/merchant/index'])
  })

  it('leads a merchant’s user, known on this device, to the merchant’s page', async () => {
    fake.storage.set('fapai.shop', { code: 'M0001', name: '老街牛肉面' })
    await open()
    await press(/^收款记录/)
    expect(fake.visits).toEqual(['navigateTo /pages/merchant/index?merchant=M0001'])
  })
})

describe('scanning inside the mini-program', () => {
  const scanning = async (scanned: { text?: string; page?: string } | null) => {
    host.scan = async () => scanned && { text: '', page: '', ...scanned }
    await open()
    await press('扫一扫')
  }
  const said = () => document.querySelector('.way__said')?.textContent

  it('a counter’s code opens its pay page', async () => {
    await scanning({ page: 'pages/pay/index?scene=m%3DM0001' })
    expect(fake.visits).toEqual(['redirectTo /pages/pay/index?merchant=M0001'])
  })

  it('another house’s code is said to be one, and opens nothing', async () => {
    await scanning({ text: 'https://elsewhere.example/q/M0001' })
    expect(said()).toBe('这不是本行商户的收款码，没有打开。请扫店里带本行标志的收款码')
    expect(fake.visits).toEqual([])
  })

  it('put away, it says nothing', async () => {
    await scanning(null)
    expect(said()).toBe('')
    expect(fake.visits).toEqual([])
  })

  it('a person who is no merchant’s yet finds the way to bind', async () => {
    host.scan = async () => null
    await open()
    await press('我是商户')
    expect(fake.visits).toEqual(['navigateTo /pages/merchant/index'])
  })
})

describe('what a scanned code is', () => {
  const OURS = 'https://pay.bank.example'
  const pageOf = (code: string | undefined) => code && `/pages/pay/index?merchant=${code}`
  it.each([
    ['https://pay.bank.example/q/M0001', 'M0001'],
    ['HTTPS://PAY.bank.example/q/M0001?from=x', 'M0001'],
    ['https://pay.bank.example/q/M0001?x=1&pay=ab.c_-d&y#z', 'M0001&pay=ab.c_-d'],
    ['https://pay.bank.example/q/M0001?pay=<script>', 'M0001'],
    [' https://pay.bank.example/q/M0001\n', 'M0001'],
    ['https://pay.bank.example.evil.example/q/M0001', undefined],
    ['https://evil.example/q/M0001?https://pay.bank.example/q/M0002', undefined],
    ['https://pay.bank.example@evil.example/q/M0001', undefined],
    ['https://pay.bank.example/q/M0001/x', undefined],
    ['https://pay.bank.example/other', undefined],
    ['https://pay.bank.example/q/%3Cscript%3E', undefined],
    ['https://qr.alipay.com/fkx0123', undefined],
    ['wxp://f2f0abc', undefined],
    ['6901234567892', undefined],
    ['M0001', undefined],
    ['', undefined],
  ])('%s is %s', (text, code) => expect(pageOfScan({ text, page: '' }, OURS)).toBe(pageOf(code)))

  it.each([
    ['pages/pay/index?scene=M0001', 'M0001'],
    ['pages/pay/index?scene=m%3DM0001&x', 'M0001'],
    ['/pages/pay/index?merchant=M0001', 'M0001'],
    ['pages/pay/index?merchant=M0001&pay=ab.c', 'M0001&pay=ab.c'],
    ['pages/pay/index?q=https%3A%2F%2Fpay.bank.example%2Fq%2FM0001%3Fpay%3Dab.c', 'M0001&pay=ab.c'],
    ['pages/merchant/index?merchant=M0001', undefined],
    ['pages/pay/index', undefined],
  ])('the mini-program’s own %s is %s', (page, code) => expect(pageOfScan({ text: '', page }, OURS)).toBe(pageOf(code)))
})

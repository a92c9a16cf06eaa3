import type { BindingCards } from '@contract'
import { act, fireEvent, screen, within } from '@testing-library/react'
import { addressesOf, drawSheet, sheetsOf } from '../../../src/console/pages/merchants/sheet'
import { saveFile } from '../../../src/platform/save'
import { main, openConsole, press, serve, settle, setUp, then } from '../../support/console'
import { adminMerchant, requestOf } from '../../support/console-desk'

jest.mock('../../../src/console/pages/merchants/sheet', () => ({
  ...jest.requireActual('../../../src/console/pages/merchants/sheet'),
  sheetsOf: jest.fn(),
}))
jest.mock('../../../src/platform/save', () => ({ saveFile: jest.fn() }))

setUp()

const shops = [
  adminMerchant({ userCount: 0 }),
  adminMerchant({ code: 'M0002', name: '阿婆豆花', userCount: 0 }),
  adminMerchant({ code: 'M0003', name: '川味小面', userCount: 0 }),
]
const change = requestOf({ changeId: 'R1', kind: 'merchant.owners', subject: 'cards/abc', before: null })
const batch: BindingCards = {
  change,
  bankName: '南城银行',
  address: 'https://pay.example',
  cards: ['M0001', 'M0003'].map((merchantCode) => ({
    merchantCode,
    name: '川味小面',
    branchName: '城南支行',
    channels: ['本行账户', '微信支付'],
    card: 'AB2CD3EF',
  })),
}
const dialog = () => within(screen.getByRole('dialog'))

/** A drawing that goes on when it is told to. */
function drawing() {
  const runs: { sheet(done: number): void; end(file: Blob): void; signal: AbortSignal }[] = []
  jest
    .mocked(sheetsOf)
    .mockImplementation(
      (_, __, { onSheet, signal }) => new Promise((end) => void runs.push({ sheet: onSheet, end, signal })),
    )
  return runs
}

async function printed() {
  const runs = drawing()
  const desk = serve({
    'GET /admin/merchants': () => ({ data: { items: shops, totals: null } }),
    'POST /admin/merchants/binding-cards': () => ({ status: 202, data: batch }),
  })
  await openConsole('binding-cards', { roles: ['maker'] })
  fireEvent.click(screen.getByRole('checkbox', { name: /阿婆豆花/ }))
  await press('制卡 2 家')
  await then(() => dialog().getByRole('button', { name: '提交复核并制卡' }).click())
  return { desk, runs }
}

it('are asked for the unbound that are ticked, drawn with a progress, saved, and lost only on purpose', async () => {
  const { desk, runs } = await printed()
  expect(desk.sent('GET /admin/merchants')[0]!.query.get('bound')).toBe('false')
  expect(desk.sent('POST /admin/merchants/binding-cards')[0]!.body).toEqual({
    merchantCodes: ['M0001', 'M0003'],
    days: 7,
  })
  expect(main()).toContain('绑定卡已提交复核')
  await then(() => runs[0]!.sheet(1))
  expect(screen.getByRole<HTMLProgressElement>('progressbar').value).toBe(1)
  expect(dialog().getByText('已生成 1 / 2 张')).toBeTruthy()
  expect(dialog().getByRole<HTMLButtonElement>('button', { name: '保存 PDF' }).disabled).toBe(true)
  const file = new Blob(['%PDF'])
  await then(() => runs[0]!.end(file))
  await then(() => dialog().getByRole('button', { name: '保存 PDF' }).click())
  expect(jest.mocked(saveFile).mock.calls).toEqual([[file, '绑定卡-2家-R1.pdf']])
  await act(async () => void fireEvent(screen.getByRole('dialog'), new Event('cancel', { cancelable: true })))
  await settle()
  expect(document.body.textContent).toContain('PDF 保存了吗？')
})

it('stop being drawn when they are told to, and are drawn again from the first', async () => {
  const { runs } = await printed()
  await then(() => dialog().getByRole('button', { name: '停止生成' }).click())
  expect(runs[0]!.signal.aborted).toBe(true)
  await then(() => dialog().getByRole('button', { name: '重新生成' }).click())
  expect(runs).toHaveLength(2)
  await then(() => runs[1]!.end(new Blob(['%PDF'])))
  expect(dialog().getByRole<HTMLButtonElement>('button', { name: '保存 PDF' }).disabled).toBe(false)
})

it('give whoever approves the list of words, once, and in twos, so that no spreadsheet takes one for a number', async () => {
  const words = [
    { merchantCode: 'M0001', word: '2E34' },
    { merchantCode: 'M0003', word: 'KX7Q' },
  ]
  const waiting = { ...change, after: { days: 7, merchantCodes: ['M0001', 'M0003'] }, mayApprove: true }
  serve({
    'GET /admin/changes': () => ({ data: { items: [waiting] } }),
    'POST /admin/changes/R1/approve': () => ({ data: { change: { ...waiting, state: 'applied' }, half: null, words } }),
  })
  await openConsole('reviews', { roles: ['checker'] })
  expect(main()).toContain('2 家：M0001、M0003')
  expect(main()).toContain('7 天')
  await press('通过')
  await then(() => dialog().getByRole('button', { name: '通过' }).click())
  const rows = [...document.querySelectorAll('dialog tbody tr')].map((row) => row.textContent)
  expect(rows).toEqual(['M00012E 34', 'M0003KX 7Q'])
})

describe('a sheet', () => {
  it('has the shop’s poster and its card, and codes of the payers’ address and not of the operator’s', () => {
    const words: string[] = []
    const pen = new Proxy({} as Record<string, unknown>, {
      get: (of, name: string) =>
        name === 'measureText'
          ? (text: string) => ({ width: text.length })
          : name === 'fillText'
            ? (text: string) => void words.push(text)
            : (of[name] ?? (() => {})),
      set: (of, name: string, value) => {
        of[name] = value
        return true
      },
    })
    drawSheet(pen as unknown as CanvasRenderingContext2D, batch.cards[1]!, { ...batch, days: 7 })
    expect(words).toEqual(expect.arrayContaining(['扫码付款', '川味小面', '城南支行 · M0003', '本行账户 · 微信支付']))
    expect(words).toEqual(expect.arrayContaining(['卡号 AB2C D3EF', '川味小面（M0003）']))
    expect(words.join()).toContain('复核通过后 7 天内有效')
    expect(addressesOf('M0003', batch.address)).toEqual({
      pay: 'https://pay.example/q/M0003',
      desk: 'https://pay.example/#/pages/merchant/index',
    })
    expect(addressesOf('M0003', null).pay).toBe(`${location.origin}/q/M0003`)
  })
})

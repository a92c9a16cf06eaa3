import fc from 'fast-check'
import {
  type AmountKey,
  amountFen,
  amountKey,
  MAX_AMOUNT_FEN,
  MOST_TYPED,
  readAmount,
  typeKey,
  typeText,
} from '../../src/amount'
import { dateTime, duration } from '../../src/dates'
import { merchantOf } from '../../src/entry'
import { yuan } from '../../src/money'

const KEYS: AmountKey[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', 'back', 'clear']
const typed = (keys: string) => [...keys].reduce((text, key) => typeKey(text, key as AmountKey), '')
const anyKeys = fc.array(fc.constantFrom(...KEYS), { maxLength: 40 })

describe('the amount being typed', () => {
  it('is empty or a number without leading zeros and with at most two decimals, whatever is pressed', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const text = keys.reduce<string>(typeKey, '')
        expect(text).toMatch(/^$|^(0|[1-9]\d*)(\.\d{0,2})?$/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never exceeds the bound of one payment', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        expect(amountFen(keys.reduce<string>(typeKey, ''))).toBeLessThanOrEqual(MAX_AMOUNT_FEN)
      }),
      { numRuns: 2_000 },
    )
    expect(typed('1000000')).toBe('1000000')
    expect(typed('1000000.01')).toBe('1000000.0')
    expect(typed('9999999')).toBe('999999')
  })

  it('reaches every amount up to the bound by typing its digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_AMOUNT_FEN }), (fen) => {
        expect(amountFen(typed(yuan(fen).replaceAll(',', '')))).toBe(fen)
      }),
    )
  })

  it('takes back one key at a time and everything at once', () => {
    expect(typeKey('12.5', 'back')).toBe('12.')
    expect(typeKey('0.', 'back')).toBe('')
    expect(typeKey('', 'back')).toBe('')
    expect(typeKey('12.5', 'clear')).toBe('')
  })

  it.each([
    ['00', '0'],
    ['05', '5'],
    ['.5', '0.5'],
    ['1.234', '1.23'],
    ['1..2', '1.2'],
  ])('typing %s shows %s', (keys, shown) => expect(typed(keys)).toBe(shown))

  it.each([
    ['7', '7'],
    ['７', '7'],
    ['.', '.'],
    ['。', '.'],
    ['．', '.'],
    ['｡', '.'],
    [',', '.'],
    ['，', '.'],
    ['Backspace', 'back'],
    ['Escape', 'clear'],
  ])('the key %s of a keyboard is %s', (key, ours) => expect(amountKey(key)).toBe(ours))

  it('ignores the other keys', () => {
    for (const rubbish of ['e', '-', '+', 'ArrowUp', '12', '①②', '½', '万', ' ', 'Process'])
      expect(amountKey(rubbish)).toBeUndefined()
  })

  it.each([
    ['12.5', '12.5'],
    ['12.', '12.'],
    [' 12.50 元', '12.50'],
    ['¥１２．５０', '12.50'],
    ['￥12。5', '12.5'],
    ['12，5', '12.5'],
    ['12,50', '12.50'],
    ['1,234.5', '1234.5'],
    ['１，２３４', '1234'],
    ['1,000,000.00', '1000000.00'],
    ['RMB 88', '88'],
    ['人民币88元整', '88'],
    ['.5', '0.5'],
    ['007', '7'],
    ['0', '0'],
    ['12\n', '12'],
  ])('reads %j as %s', (text, amount) => expect(readAmount(text)).toBe(amount))

  it.each(['', '元', '.', ',5', '-5', '1e3', '12.345', '1,2345', '1,234,5', '1.234,50', '12.5.1', '1x2', '五元'])(
    'makes no amount of %j',
    (text) => expect(readAmount(text)).toBeNull(),
  )

  it.each([
    '1000000.01',
    '9'.repeat(30),
    '0'.repeat(41),
    '尾号 6222 的 12.5',
    '12.5 13.5',
    '12.5元/份',
    '½',
    '10²',
    '⑩',
    '0,950',
    '12 13',
    '1 234',
  ])('nor of %j', (text) => expect(readAmount(text)).toBeNull())

  it.each([
    ['12,50', '12.50'],
    ['12，5', '12.5'],
    ['１２。５', '12.5'],
    ['12、5', '12.5'],
    ['.5', '0.5'],
    [',5', '0.5'],
    ['12.345', '12.34'],
    ['05', '5'],
    ['x9', '9'],
  ])('typed into a field key by key, %j is %s', (keys, amount) => {
    expect([...keys].reduce((text, key) => typeText(text, text + key), '')).toBe(amount)
  })

  it('a field takes what is pasted as a whole, or leaves what it had', () => {
    expect(['1,234.5', 'CNY 12,345.67', '12,345.67元/份', ''].map((pasted) => typeText('7', pasted))).toEqual([
      ...['1234.5', '12345.67', '7', ''],
    ])
    expect(typeText('7', `12.34${' '.repeat(40)}5`.slice(0, MOST_TYPED))).toBe('7')
  })

  it('reads whatever the page itself shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_AMOUNT_FEN }), (fen) => {
        expect(amountFen(readAmount(`¥${yuan(fen)}`) ?? '')).toBe(fen)
      }),
    )
  })

  it('gives of any text nothing, or what could have been typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,，。．¥元 -x'), maxLength: 14 }), (text) => {
        const read = readAmount(text)
        if (read !== null) expect(typed(read)).toBe(read)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('what a person reads', () => {
  it('shows fen as yuan with two decimals and grouped thousands', () => {
    expect([0, 5, 1_000, 284_635, 123_456_789].map(yuan)).toEqual(['0.00', '0.05', '10.00', '2,846.35', '1,234,567.89'])
  })

  it('shows moments in Shanghai and durations in words', () => {
    expect(dateTime('2026-11-20T16:08:31.000Z')).toBe('2026-11-21 00:08:31')
    expect([118, 60, 9].map(duration)).toEqual(['1 分 58 秒', '1 分 0 秒', '9 秒'])
  })
})

describe('the merchant a page is opened for', () => {
  it.each([
    [{ merchant: 'M0001' }, 'M0001'],
    [{ q: 'https%3A%2F%2Fpay.example%2Fq%2FM0002' }, 'M0002'],
    [{ q: 'https%3A%2F%2Fpay.example%2Fq%2FM0002%3Ffrom%3Dposter' }, 'M0002'],
    [{ scene: 'M0003' }, 'M0003'],
    [{ scene: 'm%3DM0003' }, 'M0003'],
    [{ q: 'https%253A%252F%252Fpay.example%252Fq%252FM0002' }, 'M0002'],
    [{ scene: 'm%253DM0003' }, 'M0003'],
    [{ $taroTimestamp: '1', merchant: 'M0001' }, 'M0001'],
    [{}, undefined],
    [{ merchant: '../../etc' }, undefined],
    [{ q: '%E0%A4%A' }, undefined],
  ])('%j → %s', (params, code) => expect(merchantOf(params)).toBe(code))
})

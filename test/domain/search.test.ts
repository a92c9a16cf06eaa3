import { MAX_SEARCH, readSearch, stretchesOf } from '../../server/domain/search'

const TODAY = '2026-11-21'
const NO = 'F20261121-7K3M-92QX-4T8B'
const read = (text: string) => readSearch(text, TODAY)
/** What was understood, without what was left out. */
function said(text: string): object {
  return Object.fromEntries(
    Object.entries(read(text)).filter(
      ([, value]) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  )
}
const hours = (from: number, until: number) => ({
  hours: { from: Math.round(from * 60) * 60_000, until: Math.round(until * 60) * 60_000 },
})

describe('an order’s number', () => {
  it.each([
    NO,
    NO.toLowerCase(),
    NO.replaceAll('-', ''),
    NO.replaceAll('-', ' '),
    NO.replaceAll('-', '—'),
    NO.replaceAll('-', ' - '),
    'Ｆ２０２６１１２１－７Ｋ３Ｍ－９２ＱＸ－４Ｔ８Ｂ',
    `\u200b${NO}\u202e`,
    `${NO.slice(0, 12)}\u00ad${NO.slice(12)}`,
  ])('is the same as %j', (text) => {
    expect(said(text)).toEqual({ orderNos: [NO] })
  })

  it('never has the letters that look like figures', () => {
    expect(said('fZO261121-oiLo-92qx-4t8b')).not.toHaveProperty('orderNos')
    expect(said('f20261121-oiLo-92qx-4t8b')).toEqual({ orderNos: ['F20261121-0110-92QX-4T8B'] })
  })

  it('stands beside anything else, and several do', () => {
    expect(said(`退 R20261121-7K3M-92QX-4T8B ${NO} M0003`)).toEqual({
      refundNos: ['R20261121-7K3M-92QX-4T8B'],
      orderNos: [NO],
      words: ['退', 'M0003'],
    })
  })

  it('with a letter too many is none', () => {
    expect(said(`${NO.replaceAll('-', '')}X`)).toEqual({ numbers: [`${NO.replaceAll('-', '')}X`] })
  })
})

describe('an amount', () => {
  it.each([
    ['35', 3_500],
    ['¥35.00', 3_500],
    ['￥３５．００', 3_500],
    ['35元', 3_500],
    ['35.5块', 3_550],
    ['0.01', 1],
    ['1,234.50', 123_450],
    ['９，８７６', 987_600],
    ['1234567', 123_456_700],
  ])('%s', (text, amountFen) => {
    expect(said(text)).toEqual({ amountFen })
  })

  it.each(['0', '-35', '$35', '35.123', '1,23', '1,2345', '035', '1e3', 'NaN', '99999999'])('isn’t %s', (text) => {
    expect(read(text).amountFen).toBeNull()
  })
})

describe('days', () => {
  it.each([
    ['今天', TODAY, TODAY],
    ['昨天', '2026-11-20', '2026-11-20'],
    ['2026-11-20', '2026-11-20', '2026-11-20'],
    ['2026/1/2', '2026-01-02', '2026-01-02'],
    ['20261120', '2026-11-20', '2026-11-20'],
    ['11-20', '2026-11-20', '2026-11-20'],
    ['11月20日', '2026-11-20', '2026-11-20'],
    ['12-31', '2025-12-31', '2025-12-31'],
    ['近7天', '2026-11-15', TODAY],
    ['11-01~11-20', '2026-11-01', '2026-11-20'],
    ['11月20日至11月1日', '2026-11-01', '2026-11-20'],
  ])('%s', (text, from, to) => {
    expect(said(text)).toEqual({ days: { from, to } })
  })

  it.each(['2026-02-30', '13-40', '02-30', '近0天'])('aren’t %s', (text) => {
    expect(read(text).days).toBeNull()
  })
})

describe('times', () => {
  it.each([
    ['12:05', hours(12 + 5 / 60 - 0.5, 12 + 5 / 60 + 0.5)],
    ['12：05', hours(12 + 5 / 60 - 0.5, 12 + 5 / 60 + 0.5)],
    ['下午3点半', hours(15, 16)],
    ['中午12点', hours(11.5, 12.5)],
    ['0:10', hours(1 / 6 - 0.5, 1 / 6 + 0.5)],
    ['11:30-13:00', hours(11.5, 13)],
    ['23:00-1:00', hours(23, 25)],
    ['中午', hours(11, 14)],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual(expected)
  })

  it.each(['25:00', '12:60', '点', '12:00-13:00-14:00'])('aren’t %s', (text) => {
    expect(read(text).hours).toBeNull()
  })
})

describe('a search', () => {
  it('is read in any order', () => {
    const complaint = { words: ['M0003'], amountFen: 3_500, hours: hours(11, 14).hours, plain: true }
    expect(said('M0003 ¥35 中午 没优惠')).toEqual(complaint)
    expect(said('没优惠，中午、35元；M0003')).toEqual(complaint)
    expect(said('M0003,35,中午,没优惠')).toEqual(complaint)
  })

  it('knows why there was no discount by our code and by people’s words', () => {
    expect(said('sold-out')).toEqual({ code: 'sold-out' })
    expect(said('售罄')).toEqual({ code: 'sold-out' })
    expect(said('Insufficient-Funds')).toEqual({ code: 'insufficient-funds' })
  })

  it('takes a long number for the channel’s, or a merchant’s code', () => {
    expect(said('4200002345202611213456789012')).toEqual({ numbers: ['4200002345202611213456789012'] })
    expect(said('老街牛肉面')).toEqual({ words: ['老街牛肉面'] })
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])(
    'takes %s for part of a name',
    (text) => {
      expect(said(text)).toEqual({ words: [text] })
    },
  )

  it('reads no more than so much, whatever is pasted', () => {
    expect(read('面 '.repeat(5_000)).words.length).toBeLessThanOrEqual(6)
    expect(read(`F2026${' '.repeat(5_000)}`).words.join('').length).toBeLessThan(MAX_SEARCH)
    expect(said(' \u3000\u0000\u200b ')).toEqual({})
  })
})

describe('where it looks', () => {
  const at = (text: string) => Date.parse(`${text}+08:00`)

  it('is a stretch of each day, the newest first, and of no more than so many', () => {
    const week = { from: '2026-11-01', to: '2026-11-03' }
    const { stretches, whole } = stretchesOf({ hours: hours(11, 14).hours }, week, 31)
    expect(stretches.map(({ date }) => date)).toEqual(['2026-11-03', '2026-11-02', '2026-11-01'])
    expect(stretches[0]).toEqual({ date: '2026-11-03', from: at('2026-11-03T11:00'), until: at('2026-11-03T14:00') })
    expect(whole).toBe(true)
    expect(stretchesOf({ hours: null }, { from: '2020-01-01', to: TODAY }, 7)).toMatchObject({
      stretches: { length: 7 },
      whole: false,
    })
  })

  it('is of two dates around midnight', () => {
    expect(stretchesOf(read('0:10'), { from: TODAY, to: TODAY }, 7).stretches).toEqual([
      { date: TODAY, from: at('2026-11-21T00:00'), until: at('2026-11-21T00:40') },
      { date: '2026-11-20', from: at('2026-11-20T23:40'), until: at('2026-11-21T00:00') },
    ])
  })
})

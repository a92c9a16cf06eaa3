/** The merchants of a pilot as a branch keeps them: a table of three hundred, saved by a spreadsheet. All names are invented. */

export interface Stall {
  code: string
  name: string
  branchCode: string
  account: string
}

export const BRANCHES = [
  { code: 'B01', name: '城南支行', glAccount: '6421-01' },
  { code: 'B02', name: '城北支行', glAccount: '6421-02' },
] as const

const PLACES =
  '老街 桥头 河沿 东门 西巷 月下 阿婆 巷口 南门 码头 钟楼 竹园 石板 灯市 柳岸 塔前 井边 春来 同福 十字'.split(' ')
const TRADES = '牛肉面 豆花 糖水 小馆 烧饼 馄饨 卤味 凉粉 米线 茶铺 豆浆 汤圆 锅盔 抄手 炒货'.split(' ')

/** M0001 … M0300, every third at the second branch. */
export const STALLS: readonly Stall[] = PLACES.flatMap((place) => TRADES.map((trade) => place + trade)).map(
  (name, i) => {
    const number = String(i + 1).padStart(4, '0')
    return {
      code: `M${number}`,
      name,
      branchCode: BRANCHES[i % 3 === 2 ? 1 : 0].code,
      account: `621700000000${number}`,
    }
  },
)

/** As Excel in Chinese writes “CSV（逗号分隔）”; the reader's bytes are GBK. */
export const tableOf = (stalls: readonly Stall[]) =>
  [
    '商户号,名称,网点,结算账户',
    ...stalls.map(({ code, name, branchCode, account }) => [code, name, branchCode, account].join(',')),
    '',
  ].join('\r\n')

/** Those that take part from the first day on. */
export const IN_CAMPAIGN = 280
export const codesOf = (from: number, to: number) => STALLS.slice(from - 1, to).map(({ code }) => code)

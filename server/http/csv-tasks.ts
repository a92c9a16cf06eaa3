import { WALLETS, type Wallet } from '../domain/channel'
import { addFault, type FileFaults } from '../domain/file-fault'
import type { Pieces, Task } from '../flow/ports'
import { type Columns, pagesOf, readTable, type Table } from './csv-table'

/** The files that operators send, and what is read from each. */

/** A city's merchants in one file. */
export const MOST_LINES = 100_000

const CODE_NAMES = ['code', 'merchantcode', 'merchantid', 'merchantno', 'shopcode', 'shopid', 'shopno', 'merchant']
const CODE_WORDS = ['商户号', '商户编号', '商户编码', '商户代码', '商户']

export type MerchantField = 'code' | 'name' | 'branch' | 'account'
/** A merchant's numbers at wallets; a table needn't have them. */
const MERCHANTS: Columns<MerchantField, Wallet> = {
  names: {
    code: [...CODE_NAMES, ...CODE_WORDS],
    name: ['name', 'merchantname', '商户名称', '商户名', '名称'],
    branch: ['branch', 'branchcode', '网点', '网点号', '归属网点', '机构号'],
    account: ['account', '结算账户', '结算账号', '账户', '账号'],
    wechatpay: ['wechatpay', 'wechat', 'submchid', '微信支付', '微信支付商户号', '微信商户号'],
    alipay: ['alipay', '支付宝', '支付宝商户号', '支付宝账号'],
    unionpay: ['unionpay', '云闪付', '云闪付商户号', '银联商户号'],
  },
  extra: WALLETS,
  codes: ['code', 'branch', 'account', ...WALLETS],
}

/** Merchants with all that is imported of them. */
export const merchantsTask: Task<Pieces, Table<MerchantField, Wallet>> = {
  name: 'read-merchants',
  run: (file) => readTable(Buffer.concat(file), MERCHANTS, MOST_LINES),
}

/** Orders of other channels, a line for each merchant and day. */
const COUNTS: Columns<'code' | 'date' | 'orders'> = {
  names: {
    code: MERCHANTS.names.code,
    date: ['date', 'businessdate', '日期', '交易日期', '账期日'],
    orders: ['orders', 'otherorders', '笔数', '其他渠道笔数', '交易笔数'],
  },
  codes: ['code', 'date'],
}
export const countsTask: Task<Pieces, Table<'code' | 'date' | 'orders'>> = {
  name: 'read-counts',
  run: (file) => readTable(Buffer.concat(file), COUNTS, MOST_LINES),
}

/** A list of merchant codes: a table with a column of them, or the codes alone. */
export interface CodeList {
  lines: number
  /** those without a fault, in their order, separated by commas: one string is quickly handed over */
  codes: string
  /** the line of each */
  at: Uint32Array
  faults: FileFaults
}

const LIST: Columns<'merchantCode'> = {
  names: { merchantCode: MERCHANTS.names.code },
  codes: ['merchantCode'],
  bare: 'merchantCode',
}
/** A merchant's code as a campaign may name it, the same as the contract's. */
const CODE = /^[A-Za-z0-9_-]{1,32}$/

export const codesTask: Task<Pieces, CodeList> = {
  name: 'read-codes',
  run(file) {
    const table = readTable(Buffer.concat(file), LIST, MOST_LINES)
    const { lines, faults } = table
    const at = new Map<string, number>()
    for (const page of pagesOf(table))
      for (const { line, merchantCode } of page) {
        const before = at.get(merchantCode)
        if (!CODE.test(merchantCode))
          addFault(faults, line, 'merchantCode', 'invalid-code', '1 to 32 letters, digits, dashes and underscores')
        else if (before !== undefined) addFault(faults, line, 'merchantCode', 'duplicate', `the same as line ${before}`)
        else at.set(merchantCode, line)
      }
    faults.named.sort((a, b) => a.line - b.line)
    return { lines, codes: [...at.keys()].join(','), at: Uint32Array.from(at.values()), faults }
  },
}

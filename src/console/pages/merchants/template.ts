/** Headings that the server knows, and one line as an example. */
export const TEMPLATE =
  '商户号,名称,网点,结算账户,微信支付商户号,支付宝商户号,云闪付商户号\r\nM0021,示例小吃店,B01,6217000000000021,1900000109,,\r\n'

/** Likewise, of what other channels took. */
export const COUNTS_TEMPLATE = '商户号,日期,其他渠道笔数\r\nM0001,2026-11-20,186\r\n'

/** Spreadsheets take Chinese for something else without it. */
const BYTE_ORDER_MARK = '\ufeff'

/** Saves an empty table of merchants with the right headings. */
export const saveTemplate = () => saveTable('商户导入模板.csv', TEMPLATE)

export function saveTable(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([BYTE_ORDER_MARK + text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

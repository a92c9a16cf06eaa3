import type { ImportView } from '@contract'
import { count } from './format'
import { Card, Table } from './ui'

type Fault = ImportView['faults'][number]

/** Every line of a file that can't be taken: where, what of it, and what to do. */
export function FileFaults({ title, view }: { title: string; view: Pick<ImportView, 'faults' | 'faultCount'> }) {
  const { faults, faultCount } = view
  return (
    <Card
      title={title}
      aside={faults.length < faultCount ? `只列出前 ${count(faults.length)} 处` : `${count(faultCount)} 处`}
    >
      <Table
        caption="有错的行"
        rows={faults.map((fault, i) => ({ ...fault, key: String(i) }))}
        keyOf={({ key }) => key}
        columns={[
          { name: 'line', head: '行', cell: ({ line }) => (line > 0 ? `第 ${line} 行` : '整个文件') },
          { name: 'field', head: '字段', cell: ({ field }) => fieldWord(field) },
          { name: 'why', head: '原因', className: 'c-table__wrap', cell: (fault) => fileFaultWords(fault) },
        ]}
      />
    </Card>
  )
}

/** The first three of them, where there is no room for a table. */
export function faultsInShort({ faults, faultCount }: Pick<ImportView, 'faults' | 'faultCount'>): string {
  const named = faults
    .slice(0, 3)
    .map((fault) => `${fault.line > 0 ? `第 ${fault.line} 行` : ''}${fileFaultWords(fault)}`)
  return `${named.join('；')}${faultCount > named.length ? `；等 ${count(faultCount)} 处` : ''}`
}

const FIELD_WORDS: Record<string, string> = {
  code: '商户号',
  merchantCode: '商户号',
  name: '名称',
  branch: '网点',
  date: '日期',
  orders: '笔数',
  account: '结算账户',
  wechatpay: '微信支付商户号',
  alipay: '支付宝商户号',
  unionpay: '云闪付商户号',
  line: '整行',
  file: '文件',
}

const fieldWord = (field: string) => FIELD_WORDS[field] ?? field

type Code = Fault['code']
/** Those that say more than a sentence of their own could. */
type Telling = 'malformed' | 'duplicate' | 'too-many-lines' | 'cell-count' | 'column-missing' | 'rewritten'
type Naming = 'merchant-unknown' | 'both-roles' | 'alike'

/** What is wrong, and then what to do about it. */
const WORDS: Record<Exclude<Code, Telling | Naming>, string> = {
  empty: '文件里没有数据：请看看是不是选错了文件，或只有表头',
  'not-csv': '这不是 CSV 文件：请在 Excel 中“另存为”，类型选“CSV UTF-8（逗号分隔）”',
  'utf-16': '这是“Unicode 文本”：请在 Excel 中“另存为”，类型选“CSV UTF-8（逗号分隔）”',
  encoding: '有读不出来的字，文件可能被截断或混用了编码：请在 Excel 中改好，另存为“CSV UTF-8（逗号分隔）”',
  'line-too-long': '这一行太长：请看看是不是少了换行，或贴进了整段文字',
  'too-many-columns': '列太多：请只留下需要的列',
  separator: '列与列之间要用英文逗号：请在 Excel 中“另存为”，类型选“CSV UTF-8（逗号分隔）”',
  'column-twice': '表头里有两列都是它，不知道以哪列为准：请只留一列',
  quote: '引号没有成对：请在 Excel 中打开并改好，再重新导出',
  missing: '没有填写',
  'invalid-code': '不是商户号：只能用 1 到 32 个字母、数字、- 和 _',
  'hidden-character': '有看不见或会打乱文字方向的字符：请删掉后重新输入',
  'odd-blank': '有全角空格或不换行空格：请改成普通空格',
  'branch-not-found': '没有这个网点，或不是您的网点',
  'code-taken': '这个商户号已属于其他网点',
  'account-is-gl': '这是网点的补贴科目，不能作商户的结算账户：请核对',
  'account-refused': '银行或钱包不接受这样写的账户：请核对',
}

const SHAPES: Record<string, string> = {
  code: '只能用 1 到 32 个字母、数字、- 和 _',
  name: '要在 1 到 60 个字之间',
  account: '只能用 1 到 40 个字母、数字、- 和 _',
  date: '要写成 2026-11-20 这样，早于今天，最早 400 天前',
  orders: '要是 0 到 100,000 的整数',
}

/** The server's `message` is in English for engineers; what varies is read from it: a line, a number, a code. */
export function fileFaultWords({ field, code, message }: Omit<Fault, 'line'>): string {
  const [number = '', second = ''] = message.match(/\d+/g) ?? []
  const named = message.split(':')[0]
  switch (code) {
    case 'malformed':
      return SHAPES[field] ?? '格式不对'
    case 'duplicate':
      return field === 'line' ? `与第 ${number} 行是同一商户的同一天` : `与第 ${number} 行的商户号相同`
    case 'too-many-lines':
      return `行数太多，最多 ${count(Number(number))} 行：请分成几个文件`
    case 'cell-count':
      return `这一行有 ${number} 格，表头有 ${second} 格，可能是单元格里有逗号：请在 Excel 中打开并改好，再重新导出`
    case 'column-missing':
      return `表头里没有“${fieldWord(field)}”这一列：请照模板写表头`
    case 'rewritten':
      return `被表格软件改写过，已不是原来的内容：请在 Excel 中把“${fieldWord(field)}”列设为文本，重新填写后再导出`
    case 'merchant-unknown':
      return `没有这家商户：${named}`
    case 'both-roles':
      return `${named} 已在另一份名单里，不能既参与又作对照`
    case 'alike':
      return `与已有的 ${/(?:is|was) ([^ :]+)/.exec(message)?.[1] ?? '商户号'} 只差大小写或开头的 0：请核对；0 若是表格软件去掉的，请把这一列设为文本，重新填写后再导出`
    default:
      return WORDS[code]
  }
}

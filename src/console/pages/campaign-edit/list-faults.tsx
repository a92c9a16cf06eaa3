import { count } from '../../format'
import { Card, Notice, Table } from '../../ui'
import { ROLE_LABELS } from './list-file'
import type { Refused } from './upload'

/** Every line of a list's file that can't be taken; the draft itself is saved. */
export function ListFaults({ refused: { role, fileName, view } }: { refused: Refused }) {
  const { faults, faultCount } = view
  const label = ROLE_LABELS[role]
  return (
    <>
      <Notice>
        <span>
          {`草稿已保存，但${label}名单没有导入：“${fileName}”有 ${count(faultCount)} 处错误。请改好后重新选择文件，再保存一次。`}
        </span>
      </Notice>
      <Card
        title={`${label}名单里有错的行`}
        aside={faults.length < faultCount ? `只列出前 ${count(faults.length)} 处` : `${count(faultCount)} 处`}
      >
        <Table
          caption="有错的行"
          rows={faults.map((fault, i) => ({ ...fault, key: String(i) }))}
          keyOf={({ key }) => key}
          columns={[
            { name: 'line', head: '行', cell: ({ line }) => (line > 0 ? `第 ${line} 行` : '整个文件') },
            { name: 'why', head: '原因', className: 'c-table__wrap', cell: (fault) => listFaultWords(fault) },
          ]}
        />
      </Card>
    </>
  )
}

/** Why a line can't be taken. The server's own `message` is in English and names the code, or the line before. */
export function listFaultWords({ code, message }: { code: string; message: string }): string {
  const named = message.split(':')[0]
  switch (code) {
    case 'invalid-code':
      return '不是商户号：只能用 1 到 32 个字母、数字、- 和 _'
    case 'duplicate':
      return `与第 ${/\d+/.exec(message)?.[0] ?? '前面某'} 行相同`
    case 'merchant-unknown':
      return `没有这家商户：${named}`
    case 'both-roles':
      return `${named} 已在另一份名单里，不能既参与又作对照`
    case 'malformed-csv':
      return '从这一行起不是完整的 CSV：引号或列有错'
    default:
      return message
  }
}

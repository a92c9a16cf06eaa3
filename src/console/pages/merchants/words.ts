import type { MerchantUser } from '@contract'

export const USER_ROLE_WORDS: Record<MerchantUser['role'], string> = { owner: '店主', cashier: '收银员' }

/** What each may do, for whoever hands out a code. */
export const USER_ROLE_RIGHTS: Record<MerchantUser['role'], string> = {
  owner: '看本商户的订单和奖励，可以退款',
  cashier: '看本商户的订单和奖励，不能退款',
}

const FIELD_WORDS: Record<string, string> = {
  code: '商户号',
  name: '名称',
  branch: '网点',
  account: '结算账户',
  file: '文件',
}

export const fieldWord = (field: string) => FIELD_WORDS[field] ?? field

const SHAPES: Record<string, string> = {
  code: '只能用 1 到 32 个字母、数字、- 和 _',
  name: '要在 1 到 60 个字之间',
  account: '只能用 1 到 40 个字母、数字、- 和 _',
  file: '不是完整的 CSV：引号或列有错',
}

/** Why a line of the file can't be taken. `message` is the server's own, in English. */
export function faultWords({ field, code, message }: { field: string; code: string; message: string }): string {
  switch (code) {
    case 'missing':
      return '没有填写'
    case 'malformed':
      return SHAPES[field] ?? '格式不对'
    case 'branch-not-found':
      return '没有这个网点，或不是您的网点'
    case 'duplicate':
      return `与第 ${/\d+/.exec(message)?.[0] ?? '前面某'} 行的商户号相同`
    case 'code-taken':
      return '这个商户号已属于其他网点'
    case 'column-missing':
      return '表头里没有这一列'
    case 'too-many-lines':
      return `行数太多，最多 ${/\d+/.exec(message)?.[0] ?? ''} 行，请分成几个文件`
    case 'empty':
      return '文件是空的'
    default:
      return message
  }
}

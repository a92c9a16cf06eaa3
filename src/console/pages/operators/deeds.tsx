import type { IssuedPassword, OperatorView } from '@contract'
import { call, post } from '../../client'
import { Confirm, toast } from '../../ui'

/** What an administrator does to an account with one press and a confirmation. */
export interface Deed {
  verb: 'disable' | 'enable' | 'reset-password' | 'unlock'
  words: string
  danger?: boolean
  consequence(operator: OperatorView): string[]
}

const DISABLE: Deed = {
  verb: 'disable',
  words: '停用',
  danger: true,
  consequence: ({ name }) => [
    `${name}将立即退出，不能再登录。`,
    '其提交的变更和操作记录都保留，等待复核的变更仍由同事复核。以后可以再启用。',
  ],
}
const ENABLE: Deed = {
  verb: 'enable',
  words: '启用',
  consequence: ({ name }) => [`${name}可以用原来的密码和角色重新登录。`],
}
const RESET: Deed = {
  verb: 'reset-password',
  words: '重置密码',
  consequence: ({ name }) => [
    `${name}现在的密码立即失效，其登录全部终止。`,
    '会生成一个一次性密码，只显示一次，由您当面或电话告诉本人，首次登录后必须修改。',
  ],
}
const UNLOCK: Deed = {
  verb: 'unlock',
  words: '解锁',
  consequence: ({ name }) => [
    `${name}可以马上再试密码。请先确认是本人在登录，不是别人在猜密码。`,
    '不解锁的话，锁定也会自动到期。',
  ],
}

/** What can be done to the account as it stands. */
export function deedsOf({ disabled, locked, singleSignOn }: OperatorView): Deed[] {
  if (disabled) return [ENABLE]
  return [...(locked ? [UNLOCK] : []), ...(singleSignOn ? [] : [RESET]), DISABLE]
}

export function DeedConfirm({
  operator,
  deed,
  own,
  onDone,
  onClose,
}: {
  operator: OperatorView
  deed: Deed
  /** it is the administrator's own account */
  own: boolean
  onDone(issued: IssuedPassword | null): void
  onClose(): void
}) {
  const { username } = operator
  const path = `/admin/operators/${username}`
  async function act(): Promise<void> {
    switch (deed.verb) {
      case 'disable':
      case 'enable':
        await call(path, { method: 'PATCH', body: { disabled: deed.verb === 'disable' } })
        break
      case 'unlock':
        await post(`${path}/unlock`)
        break
      case 'reset-password':
        return onDone(await post<IssuedPassword>(`${path}/reset-password`))
    }
    toast.ok(`已${deed.words} ${username}`)
    onDone(null)
  }
  const lines = deed.consequence(operator)
  return (
    <Confirm
      title={`${deed.words}：${operator.name}（${username}）`}
      consequence={[...lines, ...(own ? ['这是您自己的账号，您会立即退出。'] : [])].map((line) => (
        <p key={line}>{line}</p>
      ))}
      verb={deed.words}
      danger={deed.danger}
      act={act}
      onClose={onClose}
    />
  )
}

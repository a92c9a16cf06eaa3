import type { AskedChange, OperatorChanged, OperatorView } from '@contract'
import { call, post } from '../../client'
import { Confirm, toast } from '../../ui'

/** What an administrator does to an account with one press and a confirmation. */
export interface Deed {
  verb: 'disable' | 'enable' | 'reset-password' | 'reset-second-factor' | 'unlock'
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
    '其提交的、通过而还没有生效的变更都不再生效；操作记录保留。再启用要由另一位管理员复核。',
  ],
}
const ENABLE: Deed = {
  verb: 'enable',
  words: '启用',
  consequence: ({ name }) => [`由另一位管理员通过后，${name}可以用原来的密码和角色重新登录。`],
}
const RESET: Deed = {
  verb: 'reset-password',
  words: '重置密码',
  consequence: ({ name }) => [
    `由另一位管理员通过后，${name}现在的密码失效，其登录全部终止。`,
    '一次性密码分两半：您现在看到前一半，另一位通过时看到后一半，分别告诉本人。',
  ],
}
const RESET_FACTOR: Deed = {
  verb: 'reset-second-factor',
  words: '重置两步验证',
  consequence: ({ name }) => [
    `由另一位管理员通过后，${name}的登录全部终止，下次登录时重新设置两步验证；密码不变。`,
    '请先当面或打电话确认是本人丢了手机，又没有恢复码。',
  ],
}
const UNLOCK: Deed = {
  verb: 'unlock',
  words: '解锁',
  consequence: ({ name }) => [
    `${name}可以马上再试密码。请先确认是本人在登录，不是别人在猜密码。`,
    '不解锁的话，锁定也会自动到期；验证码输错的锁定不能解，只会到期。',
  ],
}

/** What can be done to the account as it stands. */
export function deedsOf({ disabled, locked, singleSignOn, secondFactor }: OperatorView): Deed[] {
  if (disabled) return [ENABLE]
  return [
    ...(locked ? [UNLOCK] : []),
    ...(singleSignOn ? [] : [RESET]),
    ...(secondFactor ? [RESET_FACTOR] : []),
    DISABLE,
  ]
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
  /** with what waits for another administrator; null: it is done */
  onDone(asked: AskedChange | null): void
  onClose(): void
}) {
  const { username } = operator
  const path = `/admin/operators/${username}`
  async function change(): Promise<void> {
    const body = { disabled: deed.verb === 'disable' }
    const { change: waiting } = await call<OperatorChanged>(path, { method: 'PATCH', body })
    if (!waiting) toast.ok(`已${deed.words} ${username}`)
    onDone(waiting && { change: waiting, half: null })
  }
  async function act(): Promise<void> {
    switch (deed.verb) {
      case 'disable':
      case 'enable':
        return change()
      case 'unlock':
        await post(`${path}/unlock`)
        break
      case 'reset-password':
      case 'reset-second-factor':
        return onDone(await post<AskedChange>(`${path}/${deed.verb}`))
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

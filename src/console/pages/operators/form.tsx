import type { AskedChange, OperatorBody, OperatorChanged, OperatorPatch, OperatorView, Role } from '@contract'
import { type FormEvent, useState } from 'react'
import { call, post } from '../../client'
import { useBranches } from '../../filters'
import { fieldOf, sentenceOf } from '../../sentences'
import { useOperator } from '../../session'
import { Button, Dialog, Fault, SelectField, TextField, toast } from '../../ui'
import { ROLE_WORDS } from '../../words'
import { ROLE_RIGHTS, WHOLE_BANK_ROLES } from './words'

const ROLES = Object.keys(ROLE_WORDS) as Role[]
const USERNAME = /^[a-z][a-z0-9._-]{1,31}$/
const NAME = /^[^\p{C}]{1,40}$/u

interface Draft {
  username: string
  name: string
  roles: Role[]
  branchCode: string
  subject: string
}

type Field = keyof Draft

/** A new operator, or what one may from now on. */
export function OperatorForm({
  operator,
  onDone,
  onClose,
}: {
  /** undefined: a new one */
  operator?: OperatorView
  /** with what waits for another administrator; null: it is done, or nothing was changed */
  onDone(asked: AskedChange | null): void
  onClose(): void
}) {
  const me = useOperator()
  const branches = useBranches()
  const [draft, setDraft] = useState<Draft>({
    username: operator?.username ?? '',
    name: operator?.name ?? '',
    roles: operator?.roles ?? [],
    branchCode: operator?.branchCode ?? '',
    subject: '',
  })
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>()
  const wrong = faultsOf(draft, operator === undefined)
  const refused = fieldOf(fault)
  const say = (field: Field) => (tried && wrong[field]) || (refused === field ? sentenceOf(fault) : undefined)
  const put = (field: 'username' | 'name' | 'branchCode' | 'subject') => (text: string) =>
    setDraft({ ...draft, [field]: text })

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy || Object.values(wrong).some(Boolean)) return
    setBusy(true)
    setFault(undefined)
    try {
      onDone(operator ? await change(operator, draft) : await create(draft))
      onClose()
    } catch (error) {
      setFault(error)
      setBusy(false)
    }
  }

  return (
    <Dialog title={operator ? `修改：${operator.username}` : '新建操作员'} onClose={onClose} held={busy}>
      <form onSubmit={submit} noValidate>
        {!operator && (
          <TextField
            label="用户名"
            value={draft.username}
            autoCapitalize="none"
            maxLength={32}
            onText={put('username')}
            fault={say('username')}
            hint="小写字母开头，可用数字、点、- 和 _；以后不能改"
          />
        )}
        <TextField label="姓名" value={draft.name} maxLength={40} onText={put('name')} fault={say('name')} />
        <RoleChoice roles={draft.roles} onChoose={(roles) => setDraft({ ...draft, roles })} fault={say('roles')} />
        <SelectField
          label="网点"
          value={draft.branchCode}
          options={[['', '全行'], ...branches.map(({ code, name }) => [code, `只看 ${name}（${code}）`] as const)]}
          onText={put('branchCode')}
          fault={say('branchCode')}
          hint="选了网点，就只看得到这个网点的活动、商户和订单"
        />
        {!operator && (
          <TextField
            label="单点登录编号"
            optional
            value={draft.subject}
            maxLength={255}
            onText={put('subject')}
            fault={say('subject')}
            hint="填了就用单点登录，不发密码"
          />
        )}
        {operator && (
          <p className="c-quiet c-small">
            {operator.username === me.username
              ? '这是您自己：只能改姓名，角色和网点由另外两位管理员改。'
              : '姓名立即生效；角色和网点由另一位管理员通过后生效，其现有登录全部终止。'}
          </p>
        )}
        <Fault text={fault && !refused ? sentenceOf(fault) : undefined} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            {operator ? '保存' : '提交复核'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function faultsOf(draft: Draft, isNew: boolean): Partial<Record<Field, string>> {
  const { username, name, roles, branchCode, subject } = draft
  const whole = branchCode ? roles.filter((role) => WHOLE_BANK_ROLES.includes(role)) : []
  return {
    ...(isNew && !USERNAME.test(username.trim()) && { username: '2 到 32 位，小写字母开头，可用数字、点、- 和 _' }),
    ...(!NAME.test(name.trim()) && { name: '请填写姓名' }),
    ...(roles.length === 0 && { roles: '至少选一个角色' }),
    ...(roles.includes('admin') &&
      roles.some((role) => role === 'maker' || role === 'checker') && { roles: '管理员不能同时是经办或复核' }),
    ...(whole.length > 0 && {
      branchCode: `${whole.map((role) => ROLE_WORDS[role]).join('、')}涉及全行，不能只限一个网点`,
    }),
    ...(!/^[\x20-\x7e]*$/.test(subject) && { subject: '只能用英文字母、数字和符号' }),
  }
}

async function create({ username, name, roles, branchCode, subject }: Draft): Promise<AskedChange> {
  const body: OperatorBody = {
    username: username.trim(),
    name: name.trim(),
    roles,
    branchCode: branchCode || null,
    oidcSubject: subject.trim() || null,
  }
  return post<AskedChange>('/admin/operators', body)
}

/** Sends what is different only: a colleague's change of something else isn't undone. */
async function change(operator: OperatorView, { name, roles, branchCode }: Draft): Promise<AskedChange | null> {
  const sameRoles = roles.length === operator.roles.length && roles.every((role) => operator.roles.includes(role))
  const body: OperatorPatch = {
    ...(name.trim() !== operator.name && { name: name.trim() }),
    ...(!sameRoles && { roles }),
    ...((branchCode || null) !== operator.branchCode && { branchCode: branchCode || null }),
  }
  if (Object.keys(body).length === 0) return null
  const path = `/admin/operators/${operator.username}`
  const { change: waiting } = await call<OperatorChanged>(path, { method: 'PATCH', body })
  if (waiting) return { change: waiting, half: null }
  toast.ok(`已修改 ${operator.username}`)
  return null
}

function RoleChoice({
  roles,
  onChoose,
  fault,
}: {
  roles: readonly Role[]
  onChoose(roles: Role[]): void
  fault: string | undefined
}) {
  const both = roles.includes('maker') && roles.includes('checker')
  return (
    <fieldset className="c-roles" aria-describedby={fault ? 'roles-fault' : undefined}>
      <legend className="c-field__label">角色</legend>
      {ROLES.map((role) => (
        <label key={role} className="c-roles__one">
          <input
            type="checkbox"
            className="c-roles__box"
            checked={roles.includes(role)}
            onChange={({ target }) => onChoose(target.checked ? [...roles, role] : roles.filter((one) => one !== role))}
          />
          <span>
            <span className="c-strong">{ROLE_WORDS[role]}</span>
            <span className="c-quiet c-small">{` ${ROLE_RIGHTS[role]}`}</span>
          </span>
        </label>
      ))}
      {both && <p className="c-field__hint">经办和复核可以是同一人，但自己提交的仍须由别人复核。</p>}
      {fault && (
        <p id="roles-fault" className="c-field__fault">
          <span aria-hidden="true">! </span>
          {fault}
        </p>
      )}
    </fieldset>
  )
}

import type { AskedChange, BranchList } from '@contract'
import { type FormEvent, useState } from 'react'
import { ConsoleError, get, patch, post } from '../../client'
import { may } from '../../permissions'
import { Link } from '../../router'
import { Submitted } from '../../second-person'
import { fieldOf, sentenceOf } from '../../sentences'
import { useOperator } from '../../session'
import { Button, Card, type Column, Dialog, Empty, Fault, PageHead, Ready, Table, TextField, toast } from '../../ui'
import { useRead } from '../../use-read'

type Branch = BranchList['items'][number]

/** 网点: branches with the GL account that pays their merchants' subsidy. */
export default function BranchesPage() {
  const operator = useOperator()
  const { reading, again } = useRead(() => get<BranchList>('/admin/branches'), 'branches')
  const [open, setOpen] = useState<Branch | 'new'>()
  const [submitted, setSubmitted] = useState<string>()
  const mayWrite = may(operator, 'merchants') && operator.branchCode === null
  return (
    <>
      <PageHead
        title="网点"
        trail={[['商户', 'merchants']]}
        keys={
          mayWrite && (
            <Button kind="main" onClick={() => setOpen('new')}>
              新增网点
            </Button>
          )
        }
      />
      {submitted && <Submitted what={submitted} />}
      <Card title="网点列表" aside="补贴从商户归属网点的科目支出">
        <Ready reading={reading} again={again}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="还没有网点" />
            ) : (
              <Table
                caption="网点列表"
                columns={mayWrite ? [...COLUMNS, keysOf(setOpen)] : COLUMNS}
                rows={items}
                keyOf={({ code }) => code}
              />
            )
          }
        </Ready>
      </Card>
      {open && (
        <BranchForm
          was={open === 'new' ? undefined : open}
          onClose={() => setOpen(undefined)}
          onWritten={(what) => {
            setSubmitted(what)
            again()
          }}
        />
      )}
    </>
  )
}

const COLUMNS: readonly Column<Branch>[] = [
  { name: 'name', head: '网点', cell: ({ name }) => <span className="c-table__name">{name}</span> },
  { name: 'code', head: '网点号', cell: ({ code }) => code },
  { name: 'gl', head: '补贴科目', cell: ({ glAccount }) => glAccount },
  {
    name: 'merchants',
    head: '商户',
    right: true,
    cell: ({ code, merchantCount }) => <Link to={`merchants?branchCode=${code}`}>{`${merchantCount} 家`}</Link>,
  },
]

const keysOf = (onCorrect: (branch: Branch) => void): Column<Branch> => ({
  name: 'keys',
  head: '操作',
  right: true,
  cell: (branch) => (
    <Button kind="text" aria-label={`更正：${branch.name}`} onClick={() => onCorrect(branch)}>
      更正
    </Button>
  ),
})

type Field = 'code' | 'name' | 'glAccount'

/** As the contract's: a code can't be changed later, so it is checked here first. */
const SHAPES: Record<Field, [RegExp, string]> = {
  code: [/^[A-Za-z0-9_-]{1,16}$/, '1 到 16 个字母、数字、- 和 _'],
  name: [/^.{1,40}$/u, '1 到 40 个字'],
  glAccount: [/^[\x21-\x7e]{1,64}$/, '1 到 64 个字母、数字或符号，不能有空格'],
}

/** What is typed, and what is wrong with it: by its shape once it was tried to be sent, or by the server's word. */
function useTyped(was: Branch | undefined) {
  const [typed, setTyped] = useState<Record<Field, string>>({
    code: was?.code ?? '',
    name: was?.name ?? '',
    glAccount: was?.glAccount ?? '',
  })
  const [tried, setTried] = useState(false)
  const [fault, setFault] = useState<unknown>()
  const refused = fieldOf(fault)
  const wrong = (field: Field) => {
    const [shape, words] = SHAPES[field]
    return shape.test(typed[field].trim()) ? undefined : words
  }
  const fieldProps = (field: Field) => ({
    value: typed[field],
    onText: (text: string) => setTyped({ ...typed, [field]: text }),
    fault: (tried ? wrong(field) : undefined) ?? (refused === field ? sentenceOf(fault) : undefined),
  })
  const trimmed = { code: typed.code.trim(), name: typed.name.trim(), glAccount: typed.glAccount.trim() }
  const sound = !wrong('code') && !wrong('name') && !wrong('glAccount')
  const other = fault && !(refused && refused in SHAPES) ? sentenceOf(fault) : undefined
  return { trimmed, sound, setTried, setFault, fieldProps, other }
}

function BranchForm({
  was,
  onClose,
  onWritten,
}: {
  was: Branch | undefined
  onClose(): void
  onWritten(submitted?: string): void
}) {
  const { trimmed, sound, setTried, setFault, fieldProps, other } = useTyped(was)
  const [busy, setBusy] = useState(false)
  const verb = was && trimmed.glAccount === was.glAccount ? '更正' : '提交复核'
  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy || !sound) return
    setBusy(true)
    setFault(undefined)
    try {
      const { code, name, glAccount } = trimmed
      const written = was
        ? await patch<Branch | AskedChange>(`/admin/branches/${was.code}`, { name, glAccount }, was.revision)
        : await post<AskedChange>('/admin/branches', { code, name, glAccount })
      if (!('change' in written)) toast.ok('名称已更正')
      onWritten('change' in written ? (was ? `${was.name}的更正` : `新网点${name}`) : undefined)
      onClose()
    } catch (error) {
      setFault(error)
      setBusy(false)
      if (error instanceof ConsoleError && error.code === 'revision-changed') onWritten()
    }
  }
  return (
    <Dialog title={was ? `更正网点：${was.code}` : '新增网点'} onClose={onClose} held={busy}>
      <form onSubmit={submit} noValidate>
        {!was && <TextField label="网点号" {...fieldProps('code')} hint="以后不能改" />}
        <TextField label="名称" {...fieldProps('name')} />
        <TextField
          label="补贴科目"
          {...fieldProps('glAccount')}
          hint={
            was
              ? '请与会计核对。改科目要由同事复核；生效后的订单从新科目支出，已有的订单和退款不变'
              : '这个网点的商户的补贴由它支出，请与会计核对；由同事复核后生效'
          }
        />
        <Fault text={other} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

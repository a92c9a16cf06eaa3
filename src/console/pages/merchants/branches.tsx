import type { BranchList } from '@contract'
import { type FormEvent, useState } from 'react'
import { get, post } from '../../client'
import { may } from '../../permissions'
import { Link } from '../../router'
import { fieldOf, sentenceOf } from '../../sentences'
import { useOperator } from '../../session'
import { Button, Card, type Column, Dialog, Empty, Fault, PageHead, Ready, Table, TextField, toast } from '../../ui'
import { useRead } from '../../use-read'

/** 网点: branches with the GL account that pays their merchants' subsidy. */
export default function BranchesPage() {
  const operator = useOperator()
  const { reading, again } = useRead(() => get<BranchList>('/admin/branches'), 'branches')
  const [adding, setAdding] = useState(false)
  const mayAdd = may(operator, 'merchants') && operator.branchCode === null
  return (
    <>
      <PageHead
        title="网点"
        trail={[['商户', 'merchants']]}
        keys={
          mayAdd && (
            <Button kind="main" onClick={() => setAdding(true)}>
              新增网点
            </Button>
          )
        }
      />
      <Card title="网点列表" aside="补贴从商户归属网点的科目支出">
        <Ready reading={reading} again={again}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="还没有网点" />
            ) : (
              <Table caption="网点列表" columns={COLUMNS} rows={items} keyOf={({ code }) => code} />
            )
          }
        </Ready>
      </Card>
      {adding && <AddBranch onClose={() => setAdding(false)} onAdded={again} />}
    </>
  )
}

const COLUMNS: readonly Column<BranchList['items'][number]>[] = [
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

type Field = 'code' | 'name' | 'glAccount'

/** As the contract's: a branch's code and account can't be changed later, so they are checked here first. */
const SHAPES: Record<Field, [RegExp, string]> = {
  code: [/^[A-Za-z0-9_-]{1,16}$/, '1 到 16 个字母、数字、- 和 _'],
  name: [/^.{1,40}$/u, '1 到 40 个字'],
  glAccount: [/^[A-Za-z0-9._-]{1,40}$/, '1 到 40 个字母、数字、. - 和 _'],
}

function AddBranch({ onClose, onAdded }: { onClose(): void; onAdded(): void }) {
  const [typed, setTyped] = useState<Record<Field, string>>({ code: '', name: '', glAccount: '' })
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>()
  const refused = fieldOf(fault)
  const wrong = (field: Field) => {
    const [shape, words] = SHAPES[field]
    return shape.test(typed[field].trim()) ? undefined : words
  }
  const faultOf = (field: Field) =>
    (tried ? wrong(field) : undefined) ?? (refused === field ? sentenceOf(fault) : undefined)
  const type = (field: Field) => (text: string) => setTyped({ ...typed, [field]: text })
  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy || wrong('code') || wrong('name') || wrong('glAccount')) return
    setBusy(true)
    setFault(undefined)
    try {
      const { code, name, glAccount } = typed
      await post('/admin/branches', { code: code.trim(), name: name.trim(), glAccount: glAccount.trim() })
      toast.ok('已新增网点')
      onAdded()
      onClose()
    } catch (error) {
      setFault(error)
      setBusy(false)
    }
  }
  return (
    <Dialog title="新增网点" onClose={onClose} held={busy}>
      <form onSubmit={submit} noValidate>
        <TextField label="网点号" value={typed.code} onText={type('code')} fault={faultOf('code')} hint="以后不能改" />
        <TextField label="名称" value={typed.name} onText={type('name')} fault={faultOf('name')} />
        <TextField
          label="补贴科目"
          value={typed.glAccount}
          onText={type('glAccount')}
          fault={faultOf('glAccount')}
          hint="这个网点的商户的补贴由它支出，请与会计核对"
        />
        <Fault text={fault && !refused ? sentenceOf(fault) : undefined} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            新增网点
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

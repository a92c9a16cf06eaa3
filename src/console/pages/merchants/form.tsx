import type { AdminMerchant, MerchantChanged } from '@contract'
import { type FormEvent, useState } from 'react'
import { call } from '../../client'
import { useBranches } from '../../filters'
import { fieldOf, sentenceOf } from '../../sentences'
import { Button, Dialog, Fault, SelectField, TextArea, TextField, toast } from '../../ui'

type Field = 'name' | 'branchCode' | 'account'

/** One merchant's name, branch and settlement account; what moves its money is only asked for here. */
export function MerchantForm({
  merchant,
  onDone,
  onClose,
}: {
  merchant: AdminMerchant
  /** `asked`: something waits for another operator */
  onDone(asked: boolean): void
  onClose(): void
}) {
  const branches = useBranches()
  const was = { name: merchant.name, branchCode: merchant.branchCode, account: merchant.account }
  const [typed, setTyped] = useState<Record<Field, string>>(was)
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>()
  const moves = typed.branchCode !== was.branchCode || typed.account.trim() !== was.account
  const refused = fieldOf(fault)
  const fieldProps = (field: Field) => ({
    value: typed[field],
    onText: (text: string) => setTyped({ ...typed, [field]: text }),
    fault: refused === field ? sentenceOf(fault) : undefined,
  })
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(undefined)
    const now = { name: typed.name.trim(), branchCode: typed.branchCode, account: typed.account.trim() }
    const body = Object.fromEntries(Object.entries(now).filter(([field, value]) => value !== was[field as Field]))
    try {
      const path = `/admin/merchants/${merchant.code}`
      const said = { ...body, ...(note.trim() && { note: note.trim() }) }
      const { change } = await call<MerchantChanged>(path, { method: 'PATCH', body: said })
      if (!change) toast.ok('已修改')
      onDone(change !== null)
      onClose()
    } catch (error) {
      setFault(error)
      setBusy(false)
    }
  }
  return (
    <Dialog title={`修改资料：${merchant.code}`} onClose={onClose} held={busy}>
      <form onSubmit={submit} noValidate>
        <TextField label="名称" {...fieldProps('name')} />
        <SelectField
          label="网点"
          options={[
            // the one it has, before the list is there
            ...(branches.length === 0 ? [[was.branchCode, merchant.branchName] as const] : []),
            ...branches.map(({ code, name }) => [code, `${name}（${code}）`] as const),
          ]}
          {...fieldProps('branchCode')}
        />
        <TextField label="结算账户" {...fieldProps('account')} hint="顾客付的钱进入这个账户；由同事复核后生效" />
        {moves && <TextArea label="说明" optional maxLength={200} value={note} onText={setNote} />}
        <Fault text={fault && !(refused && refused in was) ? sentenceOf(fault) : undefined} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            {moves ? '提交复核' : '保存'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

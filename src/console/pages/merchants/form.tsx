import type { AdminMerchant, MerchantChanged } from '@contract'
import { type FormEvent, useState } from 'react'
import { CHANNEL_WORDS } from '../../../sentences'
import { call } from '../../client'
import { useBranches } from '../../filters'
import { fieldOf, sentenceOf } from '../../sentences'
import { Button, Dialog, Fault, SelectField, TextArea, TextField, toast } from '../../ui'
import { WALLETS } from '../../words'

type Wallet = keyof AdminMerchant['walletAccounts']
type Field = 'name' | 'branchCode' | 'account' | `walletAccounts.${Wallet}`

/** One merchant's name, branch and accounts; what moves its money is only asked for here. */
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
  const was = typedOf(merchant)
  const [typed, setTyped] = useState<Record<Field, string>>(was)
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>()
  const changed = (Object.keys(was) as Field[]).filter((field) => typed[field].trim() !== was[field])
  const moves = changed.some((field) => field !== 'name')
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
    try {
      const path = `/admin/merchants/${merchant.code}`
      const said = { ...bodyOf(typed, changed), ...(note.trim() && { note: note.trim() }) }
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
        {WALLETS.map((name) => (
          <TextField
            key={name}
            label={`${CHANNEL_WORDS[name]}商户号`}
            optional
            {...fieldProps(`walletAccounts.${name}`)}
          />
        ))}
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

function typedOf({ name, branchCode, account, walletAccounts }: AdminMerchant): Record<Field, string> {
  const wallets = Object.fromEntries(
    WALLETS.map((wallet) => [`walletAccounts.${wallet}`, walletAccounts[wallet] ?? '']),
  )
  return { name, branchCode, account, ...(wallets as Record<`walletAccounts.${Wallet}`, string>) }
}

/** What is changed, as the server takes it. */
function bodyOf(typed: Record<Field, string>, changed: readonly Field[]) {
  const body: Record<string, string | Record<string, string>> = {}
  const walletAccounts: Record<string, string> = {}
  for (const field of changed) {
    const [group, wallet] = field.split('.') as [string, string?]
    if (wallet) walletAccounts[wallet] = typed[field].trim()
    else body[group] = typed[field].trim()
  }
  return Object.keys(walletAccounts).length > 0 ? { ...body, walletAccounts } : body
}

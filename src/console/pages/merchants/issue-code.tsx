import type { AdminMerchant, AskedChange, BindingCode, MerchantUser } from '@contract'
import { type FormEvent, useState } from 'react'
import { post } from '../../client'
import { sentenceOf } from '../../sentences'
import { Button, Choices, Dialog, Fault } from '../../ui'
import { USER_ROLE_RIGHTS, USER_ROLE_WORDS } from './words'

const ROLES = Object.entries(USER_ROLE_WORDS) as [MerchantUser['role'], string][]

/** For whom the code is; the code itself is shown by who asked for it. */
export function IssueCode({
  merchant,
  onIssued,
  onClose,
}: {
  merchant: AdminMerchant
  onIssued(issued: BindingCode | AskedChange): void
  onClose(): void
}) {
  const [role, setRole] = useState<MerchantUser['role']>('owner')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(undefined)
    try {
      onIssued(await post<BindingCode | AskedChange>(`/admin/merchants/${merchant.code}/binding-codes`, { role }))
    } catch (error) {
      setFault(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={`发绑定码：${merchant.name}`} onClose={onClose} held={busy}>
      <form onSubmit={submit}>
        <Choices label="绑定为" options={ROLES} chosen={role} onChoose={(chosen) => setRole(chosen)} />
        <div className="c-dialog__text c-dialog__text--under">
          <p>{`${USER_ROLE_WORDS[role]}：${USER_ROLE_RIGHTS[role]}。`}</p>
          {role === 'owner' ? (
            <p>店主绑定码要由同事复核：您看到前一半，复核看到后一半，分别告诉店主本人。</p>
          ) : (
            <p>谁拿到绑定码谁就能绑定，请只告诉商户本人。</p>
          )}
        </div>
        <Fault text={fault} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            {role === 'owner' ? '提交复核' : '发绑定码'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

import type { AdminOrderDetail, AskedChange, RefundPreview } from '@contract'
import { type FormEvent, useRef, useState } from 'react'
import { ConsoleError, get, post } from '../../client'
import { fenOf, yuanFault, yuanInput, yuanText } from '../../format'
import { sentenceOf, unsure } from '../../sentences'
import { Button, Dialog, Facts, Fault, TextField, YuanField } from '../../ui'

/** The contract's. */
const LONGEST_REASON = 60

/** 退款: so much, why, what it takes of whom; then it waits for a colleague. */
export function RefundDialog({
  order,
  onAsked,
  onClose,
}: {
  order: AdminOrderDetail
  onAsked(what: string): void
  onClose(): void
}) {
  const { orderNo, payableFen, payerRefundedFen } = order
  const [text, setText] = useState(yuanInput(payableFen - payerRefundedFen))
  const [reason, setReason] = useState('')
  const [seen, setSeen] = useState<RefundPreview>()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  /** what was left when it was last weighed; of a request whose answer was lost nobody knows here whether it was approved since */
  const lastLeftFen = useRef<number>()
  const fen = fenOf(text)

  async function weigh(amountFen: number) {
    const found = await get<RefundPreview>(`/admin/orders/${orderNo}/refund-preview`, { amountFen })
    const before = lastLeftFen.current ?? found.leftFen
    lastLeftFen.current = found.leftFen
    if (before !== found.leftFen) throw new ConsoleError('problem', 'refunded-meanwhile', 409)
    setSeen(found)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (fen === null) return setFault(yuanFault(text))
    if (fen === 0) return setFault('请填要退的金额')
    if (reason.trim() === '') return setFault('请写明原因')
    setBusy(true)
    setFault(undefined)
    try {
      if (!seen) await weigh(fen)
      else {
        const body = { amountFen: seen.payerFen, leftFen: seen.leftFen, reason }
        await post<AskedChange>(`/admin/orders/${orderNo}/refund`, body)
        onAsked(`退款 ${yuanText(seen.payerFen)}`)
        onClose()
      }
    } catch (error) {
      // The same again is refused if it was taken: another asks already, or less is left.
      if (!unsure(error)) setSeen(undefined)
      setFault(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog title={`退款：${orderNo}`} onClose={onClose} held={busy}>
      <form onSubmit={submit} noValidate>
        {seen ? (
          <>
            <Facts
              rows={[
                ['顾客拿回', yuanText(seen.payerFen)],
                ['商户退出', yuanText(seen.merchantFen)],
                ['补贴退回', yuanText(seen.glFen)],
                ['退后还可以退', yuanText(seen.leftFen - seen.payerFen)],
                ['原因', reason],
              ]}
            />
            <p className="c-dialog__text">另一位复核通过后，立即向渠道发出退款，不能撤回。</p>
          </>
        ) : (
          <>
            <YuanField label="退给顾客" value={text} maxLength={40} onText={setText} />
            <TextField
              label="原因（商户会看到）"
              hint="不要写姓名、电话和账户"
              value={reason}
              maxLength={LONGEST_REASON}
              onText={setReason}
            />
          </>
        )}
        <Fault text={fault} />
        <div className="c-dialog__keys">
          <Button onClick={seen ? () => setSeen(undefined) : onClose} disabled={busy}>
            {seen ? '改一改' : '取消'}
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            {seen ? '提交复核' : '看怎样退'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

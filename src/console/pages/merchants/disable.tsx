import type { AdminMerchant } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { may } from '../../permissions'
import { Submitted } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Confirm, Notice } from '../../ui'

/** The key by which one asks that a merchant leaves; nothing once it has. */
export function Disable({ merchant: { code, name, disabled } }: { merchant: AdminMerchant }) {
  const mayAsk = may(useOperator(), 'merchants')
  const turn = useTurn(code, 'disable')
  if (disabled || !mayAsk) return null
  return (
    <>
      <Button kind="danger" onClick={turn.open} disabled={turn.submitted}>
        {turn.submitted ? '停用待复核' : '停用商户'}
      </Button>
      {turn.asked && (
        <Confirm
          title={`申请停用：${name}`}
          consequence={
            <>
              <p>同事复核通过后立即生效：收款码不能再付款，不再发牌。</p>
              <p>已付的订单、退款和对账照旧，店主仍能查看和退款。只是要停优惠，请用“暂停优惠”，立即生效。</p>
            </>
          }
          verb="提交复核"
          danger
          note={{ label: '原因（复核人会看到）', required: true }}
          act={turn.ask}
          onClose={turn.close}
        />
      )}
    </>
  )
}

/** That it has left, and the key by which one asks for it to come back. */
export function Disabled({ merchant: { code, name, disabled } }: { merchant: AdminMerchant }) {
  const mayAsk = may(useOperator(), 'merchants')
  const turn = useTurn(code, 'enable')
  if (!disabled) return null
  return (
    <>
      <Notice kind="stop">
        <span>这家商户已停用：收款码不能付款。已付的订单和退款照旧。</span>
        {mayAsk && !turn.submitted && <Button onClick={turn.open}>申请恢复</Button>}
      </Notice>
      {turn.submitted && <Submitted what="恢复商户" />}
      {turn.asked && (
        <Confirm
          title={`申请恢复：${name}`}
          consequence={<p>同事复核通过后，收款码又能付款，参加的活动照旧。</p>}
          verb="提交复核"
          note={{ label: '说明（复核人会看到）', required: true }}
          act={turn.ask}
          onClose={turn.close}
        />
      )}
    </>
  )
}

function useTurn(code: string, verb: 'disable' | 'enable') {
  const [asked, setAsked] = useState(false)
  const [submitted, setSubmitted] = useState(false)
  return {
    asked,
    submitted,
    open: () => setAsked(true),
    close: () => setAsked(false),
    async ask(note: string | undefined) {
      await post(`/admin/merchants/${code}/${verb}`, { note })
      setSubmitted(true)
    },
  }
}

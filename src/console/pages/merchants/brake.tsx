import type { AdminMerchant } from '@contract'
import { useState } from 'react'
import { useHeld } from '../../brake'
import { AGAIN, heldWords, Resume, Stop } from '../../brake-bar'
import { post } from '../../client'
import { may } from '../../permissions'
import { useOperator } from '../../session'
import { Button, Notice } from '../../ui'

/** The key that stops a merchant's discounts; nothing while they are stopped and nobody asked for them to go on, or it isn't known. */
export function PauseMerchant({ code, name }: { code: string; name: string }) {
  const operator = useOperator()
  const held = useHeld()
  const [asked, setAsked] = useState(false)
  const own = held?.merchants.find((one) => one.code === code)
  if (!held || (own && !own.releaseAsked) || !may(operator, 'brake')) return null
  return (
    <>
      <Button kind="danger" onClick={() => setAsked(true)}>
        {own ? '继续暂停优惠' : '暂停优惠'}
      </Button>
      {asked && (
        <Stop
          title={`暂停优惠：${name}`}
          words={[
            '立即生效：这家商户的顾客马上抽不到优惠，不管参加了哪个活动。付款照常，已经试算出的优惠在有效期内照付；别的商户不受影响。',
            ...(own ? [AGAIN] : []),
          ]}
          path={`/admin/merchants/${code}/pause`}
          done="这家商户的优惠已暂停"
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

/** That they are stopped, by whom and why, and how they go on. */
export function PausedMerchant({ merchant: { code, name } }: { merchant: AdminMerchant }) {
  const operator = useOperator()
  const held = useHeld()?.merchants.find((one) => one.code === code)
  const [asked, setAsked] = useState(false)
  if (!held) return null
  return (
    <Notice kind="stop">
      <span>{`这家商户的优惠已暂停：${heldWords(held)}。${held.releaseAsked ? '已申请恢复，待复核。' : ''}`}</span>
      {may(operator, 'brake') && !held.releaseAsked && <Button onClick={() => setAsked(true)}>申请恢复</Button>}
      {asked && (
        <Resume
          title={`申请恢复优惠：${name}`}
          words="另一位同事复核通过后，这家商户的优惠立即恢复。在那以前仍是暂停。"
          ask={(note) => post(`/admin/merchants/${code}/resume`, { note }, { ifMatch: held.revision })}
          onClose={() => setAsked(false)}
        />
      )}
    </Notice>
  )
}

import type { AskedChange, SuspicionView } from '@contract'
import { useState } from 'react'
import { serverNow } from '../../../server-time'
import { post } from '../../client'
import { dateOf } from '../../dates'
import { yuanText } from '../../format'
import { Button, Confirm, DateField, toast } from '../../ui'
import { isTakeable } from './tables'

type Verb = 'dismiss' | 'hold' | 'claw-back'

/** What a maker asks for about a suspicion; somebody else reviews it. `chosen`: orders that are ticked. */
export function Decide({
  suspicion,
  chosen,
  onDone,
}: {
  suspicion: SuspicionView
  chosen: readonly string[]
  onDone(): void
}) {
  const [asked, setAsked] = useState<Verb | null>(null)
  const [until, setUntil] = useState(() => dateOf(serverNow(), 30))
  const { suspicionId, merchantName, orders } = suspicion
  const due = orders.filter((order) => chosen.includes(order.orderNo) && isTakeable(order))
  const fen = due.reduce((sum, { merchantRewardFen }) => sum + merchantRewardFen, 0)
  async function send(verb: Verb, body: object) {
    await post<AskedChange>(`/admin/suspicions/${suspicionId}/${verb}`, body)
    toast.ok('已提交，由同事复核后生效')
    onDone()
  }
  const close = () => setAsked(null)
  return (
    <>
      {suspicion.decision === null && <Button onClick={() => setAsked('dismiss')}>排除嫌疑</Button>}
      <Button onClick={() => setAsked('hold')}>停发优惠</Button>
      <Button kind="danger" disabled={due.length === 0} onClick={() => setAsked('claw-back')}>
        {chosen.length === 0
          ? '收回奖励（先勾选订单）'
          : due.length === 0
            ? '勾选的都已收回'
            : `收回 ${due.length} 笔奖励`}
      </Button>
      {asked === 'dismiss' && (
        <Confirm
          title={`排除嫌疑：${merchantName}`}
          consequence={<p>同事复核后结案。两周内不再列入核查，除非明显变得更反常。</p>}
          verb="提交复核"
          note={{ label: '为什么排除', required: true }}
          act={(note) => send('dismiss', { note })}
          onClose={close}
        />
      )}
      {asked === 'hold' && (
        <Confirm
          title={`停发优惠：${merchantName}`}
          consequence={
            <>
              <p>
                {chosen.length > 0
                  ? `同事复核后，勾选的 ${chosen.length} 笔订单的付款人在本活动的所有商户都不再有优惠；本店照常。`
                  : '同事复核后，本店在本活动不再发优惠，付款照常；商户页会写明期限，并请商户联系归属网点。只停个别付款人，请先勾选他们的订单。'}
              </p>
              <p>已经报给顾客的优惠照付。</p>
              <DateField className="suspicion__until" label="停到哪一天（含当天）" value={until} onText={setUntil} />
            </>
          }
          verb="提交复核"
          danger
          note={{ label: '为什么停发', required: true }}
          act={(note) => send('hold', { until, merchant: chosen.length === 0, payersOf: chosen, note })}
          onClose={close}
        />
      )}
      {asked === 'claw-back' && (
        <Confirm
          title={`收回奖励：${merchantName}`}
          consequence={
            <p>
              {`同事复核后，从商户结算账户扣回 ${due.length} 笔订单的奖励，最多 ${yuanText(fen)}，退回归属网点的科目。顾客不受影响，一笔订单只能收回一次。`}
            </p>
          }
          verb="提交复核"
          danger
          note={{ label: '为什么收回', required: true }}
          act={(note) => send('claw-back', { orderNos: due.map(({ orderNo }) => orderNo), note })}
          onClose={close}
        />
      )}
    </>
  )
}

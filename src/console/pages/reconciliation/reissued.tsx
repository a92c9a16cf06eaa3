import type { ReconciliationView } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { dateTime } from '../../dates'
import { count } from '../../format'
import { may } from '../../permissions'
import { useOperator } from '../../session'
import { Button, Confirm, Notice, toast } from '../../ui'
import { sideWord } from './words'

/** Another file that the channel had for a day that was done, and what was decided of it. */
export function Reissued({ view, onKept }: { view: ReconciliationView; onKept(): void }) {
  const [asked, setAsked] = useState(false)
  const mayResolve = may(useOperator(), 'resolve')
  const { channel, date, lines, reissued } = view
  if (!reissued) return null
  const side = sideWord(channel)
  const { sha256, by, note } = reissued
  const seen = `${dateTime(reissued.seenAt)} 看到${side}另有一份这一天的对账单（${count(reissued.lines)} 行，原来 ${count(lines)} 行）`
  if (by !== null) return <Notice kind="plain">{`${seen}，${by} 决定以原来的为准。说明：${note}`}</Notice>
  async function keep(why: string | undefined) {
    await post<ReconciliationView>(`/admin/reconciliations/${date}/keep?channel=${channel}`, { sha256, note: why })
    toast.ok('已决定以原对账单为准')
    onKept()
  }
  return (
    <>
      <Notice>
        <span>{`${seen}。原来的结果没有改变；请向${side}问明原因${mayResolve ? '' : '，由复核岗处理'}。`}</span>
        {mayResolve && <Button onClick={() => setAsked(true)}>以原对账单为准</Button>}
      </Notice>
      {asked && (
        <Confirm
          title="以原对账单为准"
          consequence={
            <p>{`新的一份不采用，文件摘要 ${sha256.slice(0, 12)}…；它更正的账目，请等${side}在以后的对账单里更正。`}</p>
          }
          verb="以原对账单为准"
          note={{ label: `说明：${side}为什么重发`, required: true }}
          act={keep}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

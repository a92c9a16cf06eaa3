import type { SuspicionView } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { dayRange, dayText, monthDay } from '../../dates'
import type { PageProps } from '../../page-props'
import { may } from '../../permissions'
import { setQuery, usePlace } from '../../router'
import { useOperator } from '../../session'
import { Card, Choices, Facts, PageHead, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { Changes } from './changes'
import { CardsOfDay } from './chart'
import { Decide } from './decide'
import { EvidenceTable, OrderTable } from './tables'
import { SuspicionPill } from './words'
import './index.scss'

/** One merchant that stands out: what of its days is unusual, and the orders that tell of it. */
export default function SuspicionPage({ params: { id = '' } }: PageProps) {
  const { query } = usePlace()
  const { date } = query
  const { reading, again } = useRead(
    () => get<SuspicionView>(`/admin/suspicions/${id}`, { date }),
    `${id} ${date ?? ''}`,
  )
  return (
    <Ready reading={reading} again={again} lines={8}>
      {(suspicion) => <Found key={suspicion.date} suspicion={suspicion} again={again} />}
    </Ready>
  )
}

function Found({ suspicion, again }: { suspicion: SuspicionView; again(): void }) {
  const [chosen, setChosen] = useState<readonly string[]>([])
  const asks = may(useOperator(), 'request') && suspicion.decision !== 'dismissed'
  const done = () => {
    setChosen([])
    again()
  }
  const { merchantName, merchantCode, state, decision, date, evidenceDays, orders } = suspicion
  const day = evidenceDays.find((one) => one.date === date)!
  return (
    <>
      <PageHead
        title={merchantName}
        trail={[['可疑交易', 'suspicions']]}
        mark={<SuspicionPill state={state} decision={decision} />}
        meta={`${merchantCode} · ${suspicion.campaignName}`}
        keys={asks && <Decide suspicion={suspicion} chosen={chosen} onDone={done} />}
      />
      <div className="c-stack">
        {evidenceDays.length > 1 && (
          <Choices
            label="日期"
            options={evidenceDays.map((one) => [one.date, `${monthDay(one.date)} · ${one.score} 分`] as const)}
            chosen={date}
            onChoose={(chosen) => setQuery({ date: chosen })}
          />
        )}
        <div className="c-columns">
          <CardsOfDay orders={orders} date={date} />
          <Card title="概况">
            <Facts rows={factsOf(suspicion, day.score)} />
          </Card>
        </div>
        <Changes suspicion={suspicion} onDone={done} />
        <Card title="反常之处" aside="与同一活动、同一天的其他商户相比">
          <EvidenceTable evidence={day.evidence} />
        </Card>
        <Card title="当天享优惠的订单" aside={`${orders.length} 笔`}>
          <OrderTable orders={orders} evidence={day.evidence} chosen={chosen} onChoose={asks ? setChosen : undefined} />
        </Card>
      </div>
    </>
  )
}

function factsOf({ branchName, branchCode, firstDate, lastDate, days, dismissedBefore }: SuspicionView, score: number) {
  return [
    ['当天分数', `${score}（满分 100，50 起列入核查）`],
    ['涉及日期', firstDate === lastDate ? dayText(lastDate) : `${dayRange(firstDate, lastDate)}，${days} 天`],
    ['归属网点', branchName ? `${branchName}（${branchCode}）` : '—'],
    ['此前排除', dismissedBefore > 0 ? `${dismissedBefore} 次` : '没有'],
  ] as const
}

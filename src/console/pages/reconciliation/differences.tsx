import type { DifferenceList, DifferenceView, ReconciliationView } from '@contract'
import { useState } from 'react'
import { yuan } from '../../../money'
import { get } from '../../client'
import { count } from '../../format'
import { Link, setQuery, usePlace } from '../../router'
import { Button, Card, type Column, Dialog, Empty, Listed, Pill, Ready, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { useRead } from '../../use-read'
import { DifferencePanel } from './panel'
import { CLASS_WORDS, detailWords, KIND_WORDS, sideWord, standingOf } from './words'

/** The differences (差错) of a day; the chosen one lies over the page, and is in the address. */
export function Differences({ view, onDecided }: { view: ReconciliationView; onDecided(): void }) {
  const { query } = usePlace()
  const { date, channel } = view
  const pages = usePages(
    (cursor) => get<DifferenceList>(`/admin/reconciliations/${date}/differences`, { channel, cursor }),
    `${channel} ${date} ${view.matchedAt}`,
  )
  // What was decided here takes its place in the list, without reading the list anew from its top.
  const [decided, setDecided] = useState<Record<string, DifferenceView>>({})
  const latest = (one: DifferenceView) => decided[one.differenceId] ?? one
  return (
    <Card title="差错" aside={summaryOf(view)}>
      <Listed pages={pages} empty={<Empty title="没有差错：对账单与我方逐笔一致" />}>
        {(items) => (
          <Table
            caption="差错"
            columns={columnsOf(channel)}
            rows={items.map(latest)}
            keyOf={({ differenceId }) => differenceId}
          />
        )}
      </Listed>
      {query.difference && (
        <Chosen
          key={query.difference}
          id={query.difference}
          listed={pages.items.find(({ differenceId }) => differenceId === query.difference)}
          decided={decided[query.difference]}
          onDecided={(one) => {
            setDecided((before) => ({ ...before, [one.differenceId]: one }))
            onDecided()
          }}
        />
      )}
    </Card>
  )
}

const open = (id: string) => setQuery({ difference: id })
const close = () => setQuery({ difference: undefined })

/** `长款 2 · 短款 1，待处理 1，待了结 1` */
function summaryOf({ differences, openCount, waitingCount }: ReconciliationView): string | undefined {
  if (differences.length === 0) return undefined
  const counts = new Map<DifferenceView['class'], number>()
  for (const one of differences) counts.set(one.class, (counts.get(one.class) ?? 0) + one.count)
  const words = [...counts].map(([named, number]) => `${CLASS_WORDS[named]} ${count(number)}`)
  const left = [
    ...(openCount > 0 ? [`待处理 ${count(openCount)}`] : []),
    ...(waitingCount > 0 ? [`待了结 ${count(waitingCount)}`] : []),
  ]
  return [words.join(' · '), ...(left.length > 0 ? left : ['都已了结'])].join('，')
}

/**
 * One by its id, read anew: a link may name one of a later page, and a colleague may have decided one of this page. Until
 * it is read, what the list says of it is shown.
 */
function Chosen({
  id,
  listed,
  decided,
  onDecided,
}: {
  id: string
  listed: DifferenceView | undefined
  /** as it stands after a decision made here */
  decided: DifferenceView | undefined
  onDecided(one: DifferenceView): void
}) {
  const { reading, again } = useRead(() => get<DifferenceView>(`/admin/differences/${encodeURIComponent(id)}`), id)
  const difference = decided ?? (reading.kind === 'ready' ? reading.value : listed)
  if (difference) return <DifferencePanel difference={difference} onDecided={onDecided} onClose={close} />
  return (
    <Dialog title="差错" onClose={close}>
      <Ready reading={reading} again={again}>
        {() => null}
      </Ready>
      <div className="c-dialog__keys">
        <Button onClick={close}>关闭</Button>
      </div>
    </Dialog>
  )
}

/** What each side says of the payer's leg. */
const figure = (side: { payerFen: number } | null) =>
  side ? yuan(Math.abs(side.payerFen)) : <span className="c-quiet">没有</span>

const columnsOf = (channel: DifferenceView['channel']): readonly Column<DifferenceView>[] => [
  {
    name: 'class',
    head: '差错',
    className: 'c-table__wrap',
    cell: (one) => (
      <>
        <span className="c-table__name">{CLASS_WORDS[one.class]}</span>
        <span className="c-table__under">{detailWords(one)}</span>
      </>
    ),
  },
  {
    name: 'order',
    head: '订单 / 退款',
    cell: ({ kind, orderNo, refundNo, own }) => (
      <>
        {own ? <Link to={`orders/${orderNo}`}>{orderNo}</Link> : orderNo}
        <span className="c-table__under">{refundNo ? `${KIND_WORDS[kind]} ${refundNo}` : KIND_WORDS[kind]}</span>
      </>
    ),
  },
  { name: 'own', head: '我方（元）', right: true, cell: ({ own }) => figure(own) },
  { name: 'bank', head: `${sideWord(channel)}（元）`, right: true, cell: ({ bank }) => figure(bank) },
  {
    name: 'state',
    head: '处理',
    cell: (one) => {
      const { state, resolvedBy, proposedBy } = one
      const [words, tone, sign] = standingOf(one)
      const by = state === 'open' ? proposedBy : state === 'cleared' ? null : resolvedBy
      return (
        <>
          <Pill tone={tone} sign={sign}>
            {words}
          </Pill>
          {by && <span className="c-table__under">{by}</span>}
        </>
      )
    },
  },
  {
    name: 'keys',
    head: '操作',
    right: true,
    cell: (one) => (
      <Button kind="text" aria-label={`核对差错 ${one.differenceId}`} onClick={() => open(one.differenceId)}>
        核对
      </Button>
    ),
  },
]

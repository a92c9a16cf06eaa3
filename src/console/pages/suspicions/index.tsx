import type { SuspicionItem, SuspicionList } from '@contract'
import { get } from '../../client'
import { dayRange } from '../../dates'
import { Link, setQuery, usePlace } from '../../router'
import { Bar, Card, Choices, type Column, Empty, Listed, PageHead, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { STATE_WORDS, type State, SuspicionPill } from './words'
import './index.scss'

const STATES = Object.entries(STATE_WORDS) as [State, string][]

/** 可疑交易: merchants whose cards of a day look farmed, the worst first. */
export default function SuspicionsPage() {
  const { query } = usePlace()
  const state = STATES.some(([one]) => one === query.state) ? (query.state as State) : 'open'
  const pages = usePages((cursor) => get<SuspicionList>('/admin/suspicions', { state, cursor }), state)
  return (
    <>
      <PageHead title="可疑交易" meta="每天对账之后，与同一活动的其他商户比较；分数只说明哪家先看，不是结论" />
      <div className="c-filters">
        <Choices label="状态" options={STATES} chosen={state} onChoose={(chosen) => setQuery({ state: chosen })} />
      </div>
      <Card title={`${STATE_WORDS[state]}的商户`} aside={state === 'decided' ? '新的在前' : '分数高的在前'}>
        <Listed pages={pages} empty={<Empty title={EMPTY[state]} />}>
          {(items) => (
            <Table caption="可疑交易" columns={COLUMNS} rows={items} keyOf={({ suspicionId }) => suspicionId} />
          )}
        </Listed>
      </Card>
    </>
  )
}

const EMPTY: Record<State, string> = {
  open: '没有需要核查的商户',
  reviewing: '没有等待复核的结论',
  decided: '还没有作过结论',
}

const COLUMNS: readonly Column<SuspicionItem>[] = [
  {
    name: 'merchant',
    head: '商户',
    cell: ({ suspicionId, merchantName, merchantCode }) => (
      <>
        <Link to={`suspicions/${suspicionId}`} className="c-table__name">
          {merchantName}
        </Link>
        <span className="c-table__under">{merchantCode}</span>
      </>
    ),
  },
  {
    name: 'score',
    head: '分数',
    cell: ({ score }) => (
      <span className="suspicion__score">
        <span className="c-strong">{score}</span>
        <Bar part={score} whole={100} words={`${score} 分，满分 100`} />
      </span>
    ),
  },
  {
    name: 'campaign',
    head: '活动',
    cell: ({ campaignId, campaignName }) => <Link to={`campaigns/${campaignId}`}>{campaignName}</Link>,
  },
  { name: 'branch', head: '归属网点', cell: ({ branchName }) => branchName ?? '—' },
  {
    name: 'days',
    head: '涉及日期',
    cell: ({ firstDate, lastDate, days }) => (
      <>
        <span>{dayRange(firstDate, lastDate)}</span>
        <span className="c-table__under">{`${days} 天`}</span>
      </>
    ),
  },
  {
    name: 'state',
    head: '状态',
    cell: ({ state, decision, dismissedBefore }) => (
      <>
        <SuspicionPill state={state} decision={decision} />
        {dismissedBefore > 0 && <span className="c-table__under">{`此前排除过 ${dismissedBefore} 次`}</span>}
      </>
    ),
  },
]

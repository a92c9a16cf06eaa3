import type { CampaignList, CampaignState, CampaignSummary } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { dayRange } from '../../dates'
import { BranchFilter, SearchFilter } from '../../filters'
import { percentText, yuanText } from '../../format'
import { may } from '../../permissions'
import { Link, setQuery, usePlace } from '../../router'
import { useOperator } from '../../session'
import { Bar, Button, Card, Choices, type Column, Empty, Listed, PageHead, Pill, StatePill, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { CHANGE_WORDS, STATE_WORDS } from '../../words'
import { PauseCampaign } from './pause'
import { Templates } from './templates'
import { Unfinished } from './unfinished'
import './index.scss'

const STATES = [['', '全部'], ...Object.entries(STATE_WORDS)] as [CampaignState | '', string][]

/** 活动: every campaign this operator may see, newest change first; the filters are part of the address. */
export default function CampaignsPage() {
  const operator = useOperator()
  const { query } = usePlace()
  const { state = '', branchCode = '', q = '' } = query
  const pages = usePages(
    (cursor) => get<CampaignList>('/admin/campaigns', { state, branchCode, q, cursor }),
    JSON.stringify([state, branchCode, q]),
  )
  const [templates, setTemplates] = useState(false)
  const filtered = state !== '' || branchCode !== '' || q !== ''
  return (
    <>
      <PageHead
        title="活动"
        keys={
          may(operator, 'draft') && (
            <>
              <Button onClick={() => setTemplates(true)}>从模板新建</Button>
              <Link to="campaigns/new" className="c-button c-button--main">
                新建活动
              </Link>
            </>
          )
        }
      />
      {templates && <Templates onClose={() => setTemplates(false)} />}
      {may(operator, 'draft') && <Unfinished />}
      <div className="c-filters">
        <Choices
          label="状态"
          options={STATES}
          chosen={state as CampaignState | ''}
          onChoose={(chosen) => setQuery({ state: chosen })}
        />
        <BranchFilter chosen={branchCode} />
        <SearchFilter text={q} placeholder="活动名称" />
      </div>
      <Card title="活动列表" className="c-card--bare">
        <Listed pages={pages} empty={<None filtered={filtered} mayDraft={may(operator, 'draft')} />}>
          {(items) => (
            <Table
              caption="活动列表"
              columns={[...COLUMNS, keysOf(pages.again)]}
              rows={items}
              keyOf={(campaign) => campaign.campaignId}
            />
          )}
        </Listed>
      </Card>
    </>
  )
}

function None({ filtered, mayDraft }: { filtered: boolean; mayDraft: boolean }) {
  if (filtered)
    return (
      <Empty title="没有符合条件的活动">
        <Link to="campaigns" className="c-button c-button--plain">
          清除条件
        </Link>
      </Empty>
    )
  return <Empty title={mayDraft ? '还没有活动，从右上角新建一个' : '还没有活动'} />
}

const COLUMNS: readonly Column<CampaignSummary>[] = [
  {
    name: 'name',
    head: '活动',
    className: 'c-table__wrap',
    cell: ({ campaignId, name, headline }) => (
      <>
        <Link to={`campaigns/${campaignId}`} className="c-table__name">
          {name}
        </Link>
        <span className="c-table__under">{headline}</span>
      </>
    ),
  },
  {
    name: 'state',
    head: '状态',
    cell: ({ state, openChange }) => (
      <span className="c-row">
        <StatePill state={state} />
        {openChange && openChange.kind !== 'launch' && (
          <Pill tone="accent">{`${CHANGE_WORDS[openChange.kind]}待复核`}</Pill>
        )}
      </span>
    ),
  },
  {
    name: 'dates',
    head: '活动期',
    cell: ({ startDate, endDate }) => dayRange(startDate, endDate),
  },
  { name: 'branch', head: '范围', cell: ({ branchCode }) => branchCode ?? '全行' },
  { name: 'merchants', head: '商户', right: true, cell: ({ merchantCount }) => merchantCount },
  {
    name: 'budget',
    head: '预算占用',
    right: true,
    cell: ({ committedFen, budgetFen }) => <Budget committedFen={committedFen} budgetFen={budgetFen} />,
  },
]

const keysOf = (again: () => void): Column<CampaignSummary> => ({
  name: 'keys',
  head: '操作',
  cell: (campaign) => <PauseCampaign campaign={campaign} onDone={again} />,
})

/** What its decks did cost and could still cost, of what it may cost. */
function Budget({ committedFen, budgetFen }: { committedFen: number; budgetFen: number }) {
  const share = percentText(budgetFen > 0 ? committedFen / budgetFen : null, 0)
  return (
    <span className="campaigns__budget">
      <span>{`${yuanText(committedFen)} / ${yuanText(budgetFen)}`}</span>
      <Bar part={committedFen} whole={budgetFen} words={`预算已占用 ${share}`} />
    </span>
  )
}

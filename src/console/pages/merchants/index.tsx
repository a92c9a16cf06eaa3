import type { AdminMerchant, AdminMerchantList } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { Export } from '../../export'
import { BranchFilter, SearchFilter } from '../../filters'
import { count } from '../../format'
import { may } from '../../permissions'
import { Link, setQuery, usePlace } from '../../router'
import { useOperator } from '../../session'
import { sortable } from '../../sorting'
import { Card, Choices, type Column, Empty, Listed, PageHead, Pill, Table } from '../../ui'
import { usePages } from '../../use-pages'

const BOUND = [
  ['', '不限'],
  ['true', '已绑定'],
  ['false', '未绑定'],
] as const

/** 商户: every merchant this operator may see. */
export default function MerchantsPage() {
  const operator = useOperator()
  const { query } = usePlace()
  const { q = '', branchCode = '', bound = '', sort = '', order = '' } = query
  const filter = { q, branchCode, bound, sort, order }
  const [totals, setTotals] = useState<AdminMerchantList['totals']>(null)
  const pages = usePages(async (cursor) => {
    const page = await get<AdminMerchantList>('/admin/merchants', { ...filter, cursor })
    if (page.totals) setTotals(page.totals)
    return page
  }, JSON.stringify(filter))
  const mayImport = may(operator, 'merchants')
  return (
    <>
      <PageHead
        title="商户"
        keys={
          <>
            <Export path="/admin/merchants" query={filter} name="商户" />
            <Link to="branches" className="c-button c-button--plain">
              网点
            </Link>
            {mayImport && (
              <Link to="binding-cards" className="c-button c-button--plain">
                批量发绑定卡
              </Link>
            )}
            {mayImport && (
              <Link to="other-counts" className="c-button c-button--plain">
                其他渠道笔数
              </Link>
            )}
            {mayImport && (
              <Link to="merchant-import" className="c-button c-button--main">
                批量导入
              </Link>
            )}
          </>
        }
      />
      <div className="c-filters">
        <SearchFilter text={q} placeholder="名称或商户号" />
        <BranchFilter chosen={branchCode} />
        <Choices
          label="绑定"
          options={BOUND}
          chosen={boundOf(bound)}
          onChoose={(chosen) => setQuery({ bound: chosen })}
        />
      </div>
      <Card title="商户列表" aside={pages.kind === 'ready' && totals && <Totals totals={totals} />}>
        <Listed pages={pages} empty={<None filtered={q + branchCode + bound !== ''} mayImport={mayImport} />}>
          {(items) => <Table caption="商户列表" columns={columnsOf(query)} rows={items} keyOf={({ code }) => code} />}
        </Listed>
      </Card>
    </>
  )
}

const boundOf = (text: string) => (text === 'true' || text === 'false' ? text : '')

/** What all that is found comes to, wherever the list ends. */
function Totals({ totals }: { totals: NonNullable<AdminMerchantList['totals']> }) {
  const { merchants, unbound, orders, discounted } = totals
  return (
    <>{`共 ${count(merchants)} 家，未绑定 ${count(unbound)} 家；今日已付 ${count(orders)} 笔，有优惠 ${count(discounted)} 笔`}</>
  )
}

function None({ filtered, mayImport }: { filtered: boolean; mayImport: boolean }) {
  if (!filtered) return <Empty title={mayImport ? '还没有商户，从右上角批量导入' : '还没有商户'} />
  return (
    <Empty title="没有符合条件的商户">
      <Link to="merchants" className="c-button c-button--plain">
        清除条件
      </Link>
    </Empty>
  )
}

const columnsOf = (query: Readonly<Record<string, string>>): readonly Column<AdminMerchant>[] => [
  {
    name: 'merchant',
    ...sortable(query, { by: 'code', words: '商户', usual: true }),
    className: 'c-table__wrap',
    cell: ({ code, name, disabled }) => (
      <>
        <Link to={`merchants/${code}`} className="c-table__name">
          {name}
        </Link>
        <span className="c-table__under">{code}</span>
        {disabled && <Pill tone="quiet">已停用</Pill>}
      </>
    ),
  },
  {
    name: 'branch',
    ...sortable(query, { by: 'branch', words: '网点 / 科目' }),
    cell: ({ branchName, branchCode, glAccount }) => (
      <>
        {branchName}
        <span className="c-table__under">{`${branchCode} / ${glAccount}`}</span>
      </>
    ),
  },
  {
    name: 'campaign',
    head: '今日生效的活动',
    className: 'c-table__wrap',
    cell: ({ campaign }) =>
      campaign ? (
        <Link to={`campaigns/${campaign.campaignId}`}>{campaign.name}</Link>
      ) : (
        <span className="c-quiet">没有</span>
      ),
  },
  {
    name: 'today',
    ...sortable(query, { by: 'orders', words: '今日已付', first: 'desc' }),
    right: true,
    cell: ({ code, today: { date, orders, discounted } }) =>
      orders === 0 ? (
        <span className="c-quiet">0 笔</span>
      ) : (
        <>
          <Link to={`orders?merchantCode=${code}&date=${date}&state=paid`}>{`${count(orders)} 笔`}</Link>
          <span className="c-table__under">{`有优惠 ${count(discounted)}`}</span>
        </>
      ),
  },
  {
    name: 'users',
    ...sortable(query, { by: 'users', words: '绑定用户', first: 'desc' }),
    right: true,
    cell: ({ userCount }) => (userCount === 0 ? <span className="c-quiet">未绑定</span> : `${userCount} 人`),
  },
]

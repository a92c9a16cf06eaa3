import type { AdminOrder, AdminOrderList } from '@contract'
import { get } from '../../client'
import { Export } from '../../export'
import { DateFilter, ExactFilters } from '../../filters'
import { Linked, linkedOf } from '../../linked'
import { Link, setQuery, usePlace } from '../../router'
import { Card, Choices, Empty, Listed, PageHead, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { ORDER_COLUMNS } from './table'
import { ORDER_STATE_WORDS } from './words'

type State = AdminOrder['state']

const STATES = [['', '全部'], ...Object.entries(ORDER_STATE_WORDS)] as [State | '', string][]
const DISCOUNTS = [
  ['', '不限'],
  ['true', '有优惠'],
] as const

const EXACT = [
  {
    name: 'merchantCode',
    label: '商户号',
    placeholder: 'M0001',
    pattern: /^[A-Za-z0-9_-]{1,32}$/,
    wrong: '请填完整的商户号',
  },
  {
    name: 'campaignId',
    label: '活动编号',
    placeholder: '活动地址末段',
    pattern: /^[A-Za-z0-9_-]{1,40}$/,
    wrong: '请填完整的活动编号',
  },
]

/** 订单: to answer a question about one, or to see which orders make up a figure. */
export default function OrdersPage() {
  const { query } = usePlace()
  const { merchantCode = '', campaignId = '', date = '', state = '', discounted = '' } = query
  const linked = linkedOf(query)
  const filter = { merchantCode, campaignId, date, state, discounted, ...linked }
  const pages = usePages(
    (cursor) => get<AdminOrderList>('/admin/orders', { ...filter, cursor }),
    JSON.stringify(filter),
  )
  const filtered = Object.values(filter).some(Boolean)
  return (
    <>
      <PageHead title="订单" keys={<Export path="/admin/orders" query={filter} name="订单" />} />
      <div className="c-filters c-filters--tight">
        <Choices
          label="状态"
          options={STATES}
          chosen={state as State | ''}
          onChoose={(chosen) => setQuery({ state: chosen })}
        />
        <Choices
          label="优惠"
          options={DISCOUNTS}
          chosen={discounted === 'true' ? 'true' : ''}
          onChoose={(chosen) => setQuery({ discounted: chosen })}
        />
        <DateFilter date={date} />
        <ExactFilters filters={EXACT} query={query} />
      </div>
      <Linked linked={linked} />
      <Card title="订单列表" aside="新的在前">
        <Listed pages={pages} empty={<None filtered={filtered} />}>
          {(items) => (
            <Table caption="订单列表" columns={ORDER_COLUMNS} rows={items} keyOf={({ orderNo }) => orderNo} />
          )}
        </Listed>
      </Card>
    </>
  )
}

function None({ filtered }: { filtered: boolean }) {
  if (!filtered) return <Empty title="还没有订单" />
  return (
    <Empty title="没有符合条件的订单">
      <Link to="orders" className="c-button c-button--plain">
        清除条件
      </Link>
    </Empty>
  )
}

import type { AdminOrder, AdminOrderList } from '@contract'
import { type FormEvent, useState } from 'react'
import { timeOfDay } from '../../../dates'
import { yuan } from '../../../money'
import { get } from '../../client'
import { DateFilter, ExactFilters } from '../../filters'
import { go, Link, setQuery, usePlace } from '../../router'
import { Button, Card, Choices, type Column, Empty, Listed, PageHead, Table, TextField } from '../../ui'
import { usePages } from '../../use-pages'
import { channelWord, ORDER_STATE_WORDS, OrderPill } from './words'

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
  const filter = { merchantCode, campaignId, date, state, discounted }
  const pages = usePages(
    (cursor) => get<AdminOrderList>('/admin/orders', { ...filter, cursor }),
    JSON.stringify(filter),
  )
  const filtered = Object.values(filter).some(Boolean)
  return (
    <>
      <PageHead title="订单" keys={<LookUp />} />
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
      <Card title="订单列表" aside="新的在前">
        <Listed pages={pages} empty={<None filtered={filtered} />}>
          {(items) => <Table caption="订单列表" columns={COLUMNS} rows={items} keyOf={({ orderNo }) => orderNo} />}
        </Listed>
      </Card>
    </>
  )
}

/** Straight to one order, as a customer reads its number out. */
function LookUp() {
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent) {
    event.preventDefault()
    const orderNo = typed.replace(/\s/g, '').toUpperCase()
    if (!/^[A-Z0-9-]{4,64}$/.test(orderNo)) return setFault('请填完整的订单号')
    go(`orders/${orderNo}`)
  }
  return (
    <form className="c-filters c-filters--inside" onSubmit={submit} noValidate>
      <TextField
        label="订单号"
        placeholder="F20261120-…"
        maxLength={64}
        className="c-field--wide"
        value={typed}
        fault={fault}
        onText={(text) => {
          setTyped(text)
          setFault(undefined)
        }}
      />
      <Button type="submit">查这一笔</Button>
    </form>
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

const COLUMNS: readonly Column<AdminOrder>[] = [
  {
    name: 'order',
    head: '订单号',
    cell: ({ orderNo, businessDate, createdAt }) => (
      <>
        <Link to={`orders/${orderNo}`} className="c-table__name">
          {orderNo}
        </Link>
        <span className="c-table__under">{`${businessDate} ${timeOfDay(createdAt)}`}</span>
      </>
    ),
  },
  {
    name: 'merchant',
    head: '商户',
    className: 'c-table__wrap',
    cell: ({ merchantName, merchantCode }) => (
      <>
        <Link to={`merchants/${merchantCode}`}>{merchantName}</Link>
        <span className="c-table__under">{merchantCode}</span>
      </>
    ),
  },
  { name: 'channel', head: '渠道', cell: ({ channel }) => channelWord(channel) },
  { name: 'state', head: '状态', cell: ({ state }) => <OrderPill state={state} /> },
  { name: 'amount', head: '订单（元）', right: true, cell: ({ amountFen }) => yuan(amountFen) },
  {
    name: 'discount',
    head: '补贴（元）',
    right: true,
    cell: (order) => <Moved order={order} fen={order.discountFen} />,
  },
  {
    name: 'payable',
    head: '顾客付（元）',
    right: true,
    cell: (order) => (
      <>
        <Moved order={order} fen={order.payableFen} />
        {order.payerRefundedFen > 0 && <span className="c-table__under">{`已退 ${yuan(order.payerRefundedFen)}`}</span>}
      </>
    ),
  },
  {
    name: 'received',
    head: '商户收（元）',
    right: true,
    cell: (order) => <Moved order={order} fen={order.merchantReceivesFen} />,
  },
]

/** A figure that moved money, or may yet. A closed order moved nothing, whatever was quoted. */
function Moved({ order: { state }, fen }: { order: AdminOrder; fen: number }) {
  return state === 'closed' || fen === 0 ? <span className="c-quiet">—</span> : <span>{yuan(fen)}</span>
}

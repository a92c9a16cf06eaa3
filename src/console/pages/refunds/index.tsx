import type { AdminRefund, AdminRefundList } from '@contract'
import { get } from '../../client'
import { Export } from '../../export'
import { DateFilter, ExactFilters } from '../../filters'
import { count } from '../../format'
import { Linked, linkedOf } from '../../linked'
import { Link, setQuery, usePlace } from '../../router'
import { Button, Card, Choices, Empty, Listed, Notice, PageHead } from '../../ui'
import { usePages } from '../../use-pages'
import { useRead } from '../../use-read'
import { ageText, REFUND_STATE_WORDS, RefundTable, stuckMs } from './table'

type State = AdminRefund['state']

const STATES = [['', '全部'], ...Object.entries(REFUND_STATE_WORDS)] as [State | '', string][]

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

/** 退款: what merchants gave back, and above all what the bank hasn't answered. */
export default function RefundsPage() {
  const { query } = usePlace()
  const { state = '', date = '', merchantCode = '', campaignId = '' } = query
  const linked = linkedOf(query)
  const filter = { state, date, merchantCode, campaignId, ...linked }
  const pages = usePages(
    (cursor) => get<AdminRefundList>('/admin/refunds', { ...filter, cursor }),
    JSON.stringify(filter),
  )
  const filtered = Object.values(filter).some(Boolean)
  return (
    <>
      <PageHead
        title="退款"
        meta="按比例退回：顾客拿回所付，商户退出所收，补贴回到科目"
        keys={<Export path="/admin/refunds" query={filter} name="退款" />}
      />
      <Stuck shown={state === 'refunding' && date === '' && merchantCode === ''} />
      <div className="c-filters">
        <Choices
          label="状态"
          options={STATES}
          chosen={state as State | ''}
          onChoose={(chosen) => setQuery({ state: chosen })}
        />
        <DateFilter date={date} />
        <ExactFilters filters={EXACT} query={query} />
      </div>
      <Linked linked={linked} />
      <Card title="退款列表" aside="新的在前">
        <Listed pages={pages} empty={<None filtered={filtered} />}>
          {(items) => <RefundTable refunds={items} />}
        </Listed>
      </Card>
    </>
  )
}

/** A refund is stuck after many minutes; one more is soon enough to say so. */
const EVERY_MS = 60_000

/** Refunds that the bank has left open too long, of whatever day, whatever the filters say. */
function Stuck({ shown }: { shown: boolean }) {
  const { reading } = useRead(() => get<AdminRefundList>('/admin/refunds', { state: 'refunding' }), 'stuck', EVERY_MS)
  if (reading.kind !== 'ready') return null
  const stuck = reading.value.items.map(stuckMs).filter((ms) => ms !== null)
  if (stuck.length === 0) return null
  // the list is cut at its oldest end
  const oldest = reading.value.nextCursor ? '' : `，最久的已等 ${ageText(Math.max(...stuck))}`
  const most = reading.value.nextCursor ? '以上' : ''
  return (
    <Notice>
      <span>
        {`有 ${count(stuck.length)} 笔${most}退款一直没有结果${oldest}。系统仍在查询；顾客来问，请向银行或钱包核实。`}
      </span>
      {!shown && (
        <Button kind="text" onClick={() => setQuery({ state: 'refunding', date: undefined, merchantCode: undefined })}>
          看是哪些
        </Button>
      )}
    </Notice>
  )
}

function None({ filtered }: { filtered: boolean }) {
  if (!filtered) return <Empty title="还没有退款" />
  return (
    <Empty title="没有符合条件的退款">
      <Link to="refunds" className="c-button c-button--plain">
        清除条件
      </Link>
    </Empty>
  )
}

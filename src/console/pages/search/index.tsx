import type { SearchResult } from '@contract'
import { useEffect } from 'react'
import { get } from '../../client'
import { dayRange } from '../../dates'
import { count } from '../../format'
import { go, Link, usePlace } from '../../router'
import { SearchBox } from '../../search-box'
import { Archived, Card, Empty, Notice, PageHead, Pill, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'
import { ORDER_COLUMNS } from '../orders/table'
import { RefundTable } from '../refunds/table'
import { readWords } from './words'
import './index.scss'

/** 查找: from what a customer says to the payment they mean. */
export default function SearchPage() {
  const { q = '' } = usePlace().query
  return (
    <>
      <PageHead title="查找" />
      <SearchBox wide />
      {q.trim() === '' ? <Hints /> : <Results q={q} />}
    </>
  )
}

function Results({ q }: { q: string }) {
  const { reading, again } = useRead(() => get<SearchResult>('/admin/search', { q }), q)
  const only = reading.kind === 'ready' ? onlyOne(reading.value) : undefined
  useEffect(() => {
    if (only) go(only, { replace: true })
  }, [only])
  return (
    <Ready reading={reading} again={again} lines={6}>
      {(found) => <Found found={found} />}
    </Ready>
  )
}

/** A number leads straight to what it is of. */
function onlyOne({ read, orders, refunds, merchants }: SearchResult): string | undefined {
  const { orderNos, refundNos, numbers } = read
  if (orderNos.length + refundNos.length + numbers.length !== 1 || merchants.length > 0) return undefined
  const of = new Set([...orders, ...refunds].map(({ orderNo }) => orderNo))
  return of.size === 1 ? `orders/${[...of][0]}` : undefined
}

function Found({ found }: { found: SearchResult }) {
  const { read, merchants, orders, refunds, span, whole, archived, archivedBefore } = found
  const nothing = merchants.length + orders.length + refunds.length + archived.length === 0
  return (
    <div className="c-stack">
      <p className="c-row find__read">
        <span className="c-quiet">按这些查</span>
        {readWords(read, span).map((words) => (
          <Pill key={words} tone="quiet">
            {words}
          </Pill>
        ))}
      </p>
      {!whole && (
        <Notice>
          <span>太多，没有全部列出：请加上商户、日期或更短的时间再查。</span>
        </Notice>
      )}
      {archived.map(({ orderNo, date, file }) => (
        <Notice key={orderNo}>
          <span>{`${orderNo} 已归档（${date}），归档文件 ${file}`}</span>
        </Notice>
      ))}
      {nothing && <None found={found} />}
      {archivedBefore && <Archived before={archivedBefore} />}
      {merchants.length > 0 && (
        <Card title="商户" aside={`${count(merchants.length)} 家`}>
          <p className="c-row find__merchants">
            {merchants.map(({ code, name }) => (
              <Link key={code} to={`merchants/${code}`}>{`${name}（${code}）`}</Link>
            ))}
          </p>
        </Card>
      )}
      {orders.length > 0 && (
        <Card title="订单" aside={`${count(orders.length)} 笔${whole ? '' : '以上'}，新的在前`}>
          <Table caption="订单" columns={ORDER_COLUMNS} rows={orders} keyOf={({ orderNo }) => orderNo} />
        </Card>
      )}
      {orders.length === 0 && merchants.length > 0 && span && (
        <Empty title={`这些商户在 ${dayRange(span.from, span.to)} 没有符合条件的订单`} />
      )}
      {refunds.length > 0 && (
        <Card title="退款" aside={`${count(refunds.length)} 笔`}>
          <RefundTable refunds={refunds} />
        </Card>
      )}
    </div>
  )
}

function None({ found: { read, span } }: { found: SearchResult }) {
  if (read.words.length > 0)
    return <Empty title={`没有名称或编号含“${read.words.join('”和“')}”的商户。各项之间请用空格隔开。`} />
  if (span) return <Empty title="没有符合条件的订单。不写日期时只查今天和昨天，可以加上日期或商户。" />
  return <Empty title="没有查到。号码请核对每一位；也可以用商户、金额和时间来查。" />
}

const HINTS = [
  ['号码', '订单号、退款号（有没有横线都可以）、渠道流水'],
  ['商户和金额', 'M0003 35，或 豆花 ¥35.00'],
  ['时间', '昨天 中午，11-20 12:05，11月20日 下午3点半，近7天'],
  ['原因', '没优惠，售罄，暂停，insufficient-funds'],
] as const

function Hints() {
  return (
    <Card title="可以这样查" aside="几项一起写，用空格隔开">
      <dl className="c-facts">
        {HINTS.map(([name, text]) => (
          <div key={name} className="c-facts__row">
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

import type { AskedChange, TodoItem, TodoList } from '@contract'
import { useState } from 'react'
import { yuan } from '../../../money'
import { serverNow } from '../../../server-time'
import { get, post } from '../../client'
import { dateTime } from '../../dates'
import { count, yuanText } from '../../format'
import { may } from '../../permissions'
import { Link } from '../../router'
import { Submitted } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, type Column, Confirm, Empty, Notice, PageHead, Pill, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'
import { channelWord } from '../orders/words'
import { dayPlace } from '../reconciliation/words'
import { ageText } from '../refunds/table'
import { KIND_WORDS, nextWords } from './words'

/** A channel answers, or a colleague decides, while the page is open. */
const EVERY_MS = 60_000

/** 待办: what has been open for longer than a day, each with its age, its money and who is next. */
export default function TodoPage() {
  const { reading, again } = useRead(() => get<TodoList>('/admin/todo'), 'todo', EVERY_MS)
  const mayAsk = may(useOperator(), 'reconcile')
  const [ending, setEnding] = useState<TodoItem>()
  const [submitted, setSubmitted] = useState<string>()
  return (
    <>
      <PageHead title="待办" meta="超过一天还没有了结的付款、退款和差错，最久的在前" />
      {submitted && <Submitted what={submitted} />}
      <Ready reading={reading} again={again} lines={6}>
        {({ items, more, totals }) => (
          <div className="c-stack">
            {more && <Notice>还有更多，这里只列出最久的 {count(items.length)} 条。</Notice>}
            <Card title="还没有了结的" aside={`${count(totals.count)} 条，合计 ${yuanText(totals.fen)}`}>
              {items.length === 0 ? (
                <Empty title="没有超过一天的：付款、退款和差错都有了结果" />
              ) : (
                <Table
                  caption="还没有了结的"
                  columns={mayAsk ? [...COLUMNS, keysOf(setEnding)] : COLUMNS}
                  rows={items}
                  keyOf={({ id }) => id}
                />
              )}
            </Card>
          </div>
        )}
      </Ready>
      {ending && (
        <End
          item={ending}
          onClose={() => setEnding(undefined)}
          onAsked={() => {
            setSubmitted(`${KIND_WORDS[ending.kind]} ${ending.id} 的了结`)
            again()
          }}
        />
      )}
    </>
  )
}

function placeOf({ kind, id, date, channel, orderNo }: TodoItem): string {
  return kind === 'difference' ? dayPlace(date, channel, id) : `orders/${orderNo}`
}

const COLUMNS: readonly Column<TodoItem>[] = [
  {
    name: 'what',
    head: '什么',
    cell: (one) => (
      <>
        <span className="c-table__name">{KIND_WORDS[one.kind]}</span>
        <span className="c-table__under">{channelWord(one.channel)}</span>
      </>
    ),
  },
  {
    name: 'id',
    head: '编号',
    cell: (one) => (
      <>
        <Link to={placeOf(one)}>{one.id}</Link>
        {one.id !== one.orderNo && <span className="c-table__under">{`订单 ${one.orderNo}`}</span>}
      </>
    ),
  },
  { name: 'fen', head: '金额（元）', right: true, cell: ({ fen }) => yuan(fen) },
  {
    name: 'since',
    head: '多久了',
    cell: ({ since }) => (
      <>
        <span className="c-strong">{ageText(serverNow() - Date.parse(since))}</span>
        <span className="c-table__under">{dateTime(since)}</span>
      </>
    ),
  },
  {
    name: 'next',
    head: '下一步',
    className: 'c-table__wrap',
    cell: (one) => {
      const [words, tone, sign, who] = nextWords(one)
      return (
        <>
          <Pill tone={tone} sign={sign}>
            {words}
          </Pill>
          <span className="c-table__under">{who}</span>
        </>
      )
    },
  },
]

const keysOf = (onEnd: (item: TodoItem) => void): Column<TodoItem> => ({
  name: 'keys',
  head: '操作',
  right: true,
  cell: (one) =>
    one.next === 'end' ? (
      <Button kind="text" aria-label={`了结 ${one.id}`} onClick={() => onEnd(one)}>
        了结
      </Button>
    ) : null,
})

function End({ item, onAsked, onClose }: { item: TodoItem; onAsked(): void; onClose(): void }) {
  const isOrder = item.kind === 'order'
  async function act(note: string | undefined) {
    await post<AskedChange>(`/admin/${isOrder ? 'orders' : 'refunds'}/${item.id}/end`, { note })
    onAsked()
  }
  return (
    <Confirm
      title={`了结${KIND_WORDS[item.kind]} ${item.id}`}
      consequence={
        <>
          <p>
            {isOrder
              ? '它当天和次日的对账单里都没有这一笔，渠道也一直没有说法。认定没有扣款：另一位通过后关闭订单，名额退回。'
              : '它当天和次日的对账单里都没有这一笔，渠道也一直没有说法。认定没有退成：另一位通过后记为失败，可以再退。'}
          </p>
          <p>通过时系统会再问一次渠道，渠道有了结果就以渠道为准。</p>
        </>
      }
      verb="提交复核"
      danger
      note={{ label: '依据：向渠道核实的情况', required: true }}
      act={act}
      onClose={onClose}
    />
  )
}

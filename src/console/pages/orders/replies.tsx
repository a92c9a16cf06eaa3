import type { AdminReplyList } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { dateTime } from '../../dates'
import { may } from '../../permissions'
import { useOperator } from '../../session'
import { Button, Card, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { VERBS } from './words'

/** What the channel literally said: asked for only by who needs it, and without anything of the payer. */
export function Replies({ orderNo }: { orderNo: string }) {
  const [open, setOpen] = useState(false)
  if (!may(useOperator(), 'books')) return null
  return (
    <Card title="渠道原文" aside="付款人的姓名、账户和令牌不显示">
      {open ? <List orderNo={orderNo} /> : <Button onClick={() => setOpen(true)}>看渠道的原始回复</Button>}
    </Card>
  )
}

function List({ orderNo }: { orderNo: string }) {
  const { reading, again } = useRead(() => get<AdminReplyList>(`/admin/orders/${orderNo}/replies`), orderNo)
  return (
    <Ready reading={reading} again={again} lines={2}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="c-quiet">渠道还没有回复过。</p>
        ) : (
          <ol className="c-replies">
            {items.map(({ at, verb, said }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no number, and only more come
              <li key={i}>
                <span className="c-strong">{verb ? (VERBS[verb] ?? verb) : '回复'}</span>
                <span className="c-table__under">{dateTime(at)}</span>
                <pre className="c-replies__text">{JSON.stringify(said, null, 2)}</pre>
              </li>
            ))}
          </ol>
        )
      }
    </Ready>
  )
}

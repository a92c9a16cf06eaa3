import type { NotificationList, NotificationView } from '@contract'
import { useEffect, useRef, useState } from 'react'
import { get } from '../../client'
import { dateTime } from '../../dates'
import { count } from '../../format'
import { Link } from '../../router'
import { Button, Card, Empty, Listed, Notice, PageHead, Pill, toast } from '../../ui'
import { markRead, useUnread } from '../../unread'
import { usePages } from '../../use-pages'
import './index.scss'

/** 消息: what waits for one's review, what was rejected of one's own, and what needs somebody soon; the newest first. */
export default function NotificationsPage() {
  const [outside, setOutside] = useState<NotificationList['outside']>([])
  const pages = usePages(async (cursor) => {
    const list = await get<NotificationList>('/admin/notifications', { cursor })
    if (cursor === undefined) setOutside(list.outside)
    return list
  }, 'notifications')
  const unread = useUnread()
  const { again } = pages
  const onFirst = pages.items.length <= 50
  const known = useRef(unread?.unread)
  useEffect(() => {
    // what came meanwhile, or was read here or in another tab; whoever has read on keeps their place
    if (onFirst && known.current !== undefined && known.current !== unread?.unread) again()
    known.current = unread?.unread
  }, [unread, again, onFirst])
  const mark = (which: Parameters<typeof markRead>[0]) => markRead(which)
  const newest = pages.items[0]
  return (
    <>
      <PageHead
        title="消息"
        meta="最近 30 天，按您的角色和网点"
        keys={
          newest !== undefined &&
          unread !== null &&
          unread.unread > 0 && (
            <Button onClick={() => void mark({ upTo: newest.id }).catch(toast.fault)}>全部标为已读</Button>
          )
        }
      />
      {outside.map((one) => (
        <Outside key={one.target} {...one} />
      ))}
      <Card title="消息列表" aside="新的在前">
        <Listed pages={pages} empty={<Empty title="还没有消息" />}>
          {(items) => (
            <ul className="notifications">
              {items.map((one) => (
                <One key={one.id} one={one} onRead={() => mark({ ids: [one.id] })} />
              ))}
            </ul>
          )}
        </Listed>
      </Card>
    </>
  )
}

const TARGETS: Record<NotificationList['outside'][number]['target'], string> = {
  webhook: '行内系统',
  wecom: '企业微信群',
}

/** What couldn't be told elsewhere is told here all the same. */
function Outside({ target, count: n, oldestAt, code }: NotificationList['outside'][number]) {
  return (
    <Notice>
      {`${TARGETS[target]}有 ${count(n)} 条没有送达，最早的是 ${dateTime(oldestAt)}（${code}）。一天以内会再送，请让运维看一看；消息在这里都有。`}
    </Notice>
  )
}

function One({ one, onRead }: { one: NotificationView; onRead(): Promise<void> }) {
  const { title, text, by, note, at, place, settled, untold, kind } = one
  const [read, setRead] = useState(one.read)
  const isNew = !(read || one.read) && !settled
  const seen = () => void onRead().then(() => setRead(true), toast.fault)
  return (
    <li className={`notification ${isNew ? 'notification--new' : ''}`}>
      <div className="notification__what">
        <span className="c-row">
          {isNew && <span className="notification__dot" role="img" aria-label="未读" />}
          <Link to={place} className="c-table__name" onClick={() => isNew && seen()}>
            {title}
          </Link>
          {settled && <Pill tone="quiet">已处理</Pill>}
          {untold.length > 0 && (
            <Pill tone="wait">{`${untold.map((target) => TARGETS[target]).join('、')}没有送达`}</Pill>
          )}
        </span>
        {text && <p>{text}</p>}
        {note && <p>{`${kind === 'rejected' ? '理由' : '说明'}：${note}`}</p>}
        <span className="c-table__under">{[dateTime(at), by].filter(Boolean).join(' · ')}</span>
      </div>
      {isNew && (
        <Button kind="text" aria-label={`标为已读：${title}`} onClick={seen}>
          标为已读
        </Button>
      )}
    </li>
  )
}

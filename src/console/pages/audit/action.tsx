import type { ActionView } from '@contract'
import { useState } from 'react'
import { dateTime } from '../../dates'
import { Link, setQuery } from '../../router'
import { Button, Copy } from '../../ui'
import { diffOf } from './diff'
import { actionWords, partsOf, subjectPlace, subjectWords } from './words'

/** One entry: a line that opens to what it changed. */
export function Action({ action: entry }: { action: ActionView }) {
  const { actionId, at, username, action, subject } = entry
  const [open, setOpen] = useState(false)
  return (
    <li className="c-log__entry">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="c-log__line">
          <span className="c-log__id">{`#${actionId}`}</span>
          <span className="c-log__at">{dateTime(at)}</span>
          <span className="c-log__who">{username === 'system' ? '系统' : username}</span>
          <span className="c-strong">{actionWords(action)}</span>
          <span className="c-log__subject">{subjectWords(subject)}</span>
        </summary>
        {open && <Inside entry={entry} />}
      </details>
    </li>
  )
}

function Inside({ entry }: { entry: ActionView }) {
  const { username, subject, action, mac } = entry
  const place = subjectPlace(subject)
  return (
    <div className="c-log__inside">
      <Diff entry={entry} />
      <div className="c-row">
        {place && <Link to={place}>{`打开${subjectWords(subject)}`}</Link>}
        <Button kind="text" onClick={() => setQuery({ ...partsOf(subject), username: undefined })}>
          只看这个对象
        </Button>
        {username !== 'system' && (
          <Button kind="text" onClick={() => setQuery({ username, noun: undefined, id: undefined })}>
            {`只看 ${username}`}
          </Button>
        )}
      </div>
      <p className="c-row c-quiet c-small">
        <span>{`${action} · ${subject} · 校验值`}</span>
        <code className="c-code" title={mac}>{`${mac.slice(0, 16)}…`}</code>
        <Copy text={mac} label="校验值" />
      </p>
    </div>
  )
}

/** Fields side by side; what changed is marked by a sign and by weight, not by colour alone. */
function Diff({ entry: { before, after } }: { entry: ActionView }) {
  const lines = diffOf(before, after)
  if (lines.length === 0) return <p className="c-quiet">这个操作没有改动内容。</p>
  const hasBefore = before !== null
  const hasAfter = after !== null
  return (
    <table className="c-table c-diff">
      <caption className="heard">改动前后</caption>
      <thead>
        <tr>
          <th scope="col">内容</th>
          {hasBefore && <th scope="col">之前</th>}
          {hasAfter && <th scope="col">{hasBefore ? '之后' : '值'}</th>}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ field, name, before: was, after: is, changed }) => {
          const marked = changed && hasBefore && was !== ''
          return (
            <tr key={field} className={marked ? 'c-diff__changed' : undefined}>
              <th scope="row">{name}</th>
              {hasBefore && <td>{marked ? <del>{was}</del> : was || '—'}</td>}
              {hasAfter && <td>{marked ? <ins>{is || '—'}</ins> : is || '—'}</td>}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

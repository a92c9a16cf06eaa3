import type { ReviewComparison, ReviewItem } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { dateTime } from '../../dates'
import { count } from '../../format'
import { fieldName, fieldValue } from '../../terms'
import { Button, type Column, Empty, Listed, Notice, Pill, Ready, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { useRead } from '../../use-read'

/** Beside what is asked for: what changed since a colleague rejected it, and which merchants. */
export function Compare({ item }: { item: ReviewItem }) {
  const { campaignId, revision } = item
  const path = `/admin/campaigns/${campaignId}/review`
  const { reading, again } = useRead(() => get<ReviewComparison>(path), `${campaignId} ${revision}`)
  return (
    <Ready reading={reading} again={again} lines={2}>
      {(found) => (
        <>
          {found.since && <Since since={found.since} counts={found.counts} />}
          <Merchants path={path} found={found} amend={item.kind === 'amend'} />
        </>
      )}
    </Ready>
  )
}

type Counts = ReviewComparison['counts']
type Line = ReviewComparison['items'][number]

function Since({ since, counts }: { since: NonNullable<ReviewComparison['since']>; counts: Counts }) {
  const { by, at, note, diff } = since
  const lists = counts.added + counts.removed + counts.turned > 0
  return (
    <div className="review__since">
      <Notice>
        <span>
          {`${by} 于 ${dateTime(at)} 驳回过${note ? `：${note}` : ''}。`}
          {diff.length === 0 && !lists
            ? '从那以后没有改过。'
            : `从那以后改了 ${diff.length} 项${lists ? '，名单也有变动' : ''}。`}
        </span>
      </Notice>
      {diff.length > 0 && (
        <Table
          caption="上次驳回以后的修改"
          keyOf={(line) => line.field}
          rows={diff}
          columns={[
            { name: 'field', head: '项目', cell: ({ field }) => fieldName(field) },
            {
              name: 'before',
              head: '驳回时',
              className: 'c-table__wrap review__before',
              cell: ({ field, before }) => fieldValue(field, before),
            },
            {
              name: 'after',
              head: '现在',
              className: 'c-table__wrap review__after',
              cell: ({ field, after }) => fieldValue(field, after),
            },
          ]}
        />
      )}
    </div>
  )
}

const ROLES = { merchant: '参与', control: '对照' } as const

/** What became of a merchant, in words. */
export function changeWords({ role, was }: Pick<Line, 'role' | 'was'>): string {
  if (role === null) return `移除（原为${was ? ROLES[was] : '—'}）`
  if (was === null) return `新增${ROLES[role]}`
  return role === was ? '不变' : `由${ROLES[was]}改为${ROLES[role]}`
}

const COLUMNS: readonly Column<Line>[] = [
  {
    name: 'merchant',
    head: '商户',
    cell: ({ code, name }) => (
      <>
        <span className="c-table__name">{name}</span>
        <span className="c-table__under">{code}</span>
      </>
    ),
  },
  { name: 'branch', head: '网点', cell: ({ branchName }) => branchName },
  { name: 'role', head: '名单', cell: ({ role }) => (role ? ROLES[role] : '—') },
]
const CHANGE: Column<Line> = {
  name: 'change',
  head: '变动',
  cell: (line) =>
    line.role === line.was ? (
      <span className="c-quiet">不变</span>
    ) : (
      <Pill tone={line.role === null ? 'quiet' : 'accent'}>{changeWords(line)}</Pill>
    ),
}

function Merchants({ path, found, amend }: { path: string; found: ReviewComparison; amend: boolean }) {
  const { counts, items } = found
  const [all, setAll] = useState(false)
  const { compared, merchants, controls, added, removed, turned } = counts
  const changed = compared ? added + removed + turned : 0
  const now = amend ? `加入 ${count(merchants)} 家` : `参与 ${count(merchants)} 家，对照 ${count(controls)} 家`
  const moved = [
    !amend && added > 0 && `新增 ${count(added)} 家`,
    removed > 0 && `移除 ${count(removed)} 家`,
    turned > 0 && (amend ? `其中 ${count(turned)} 家原为对照` : `${count(turned)} 家换了名单`),
  ].filter(Boolean)
  if (amend && merchants === 0) return null
  return (
    <div className="review__lists">
      <p>{`商户：${now}${compared && moved.length > 0 ? `；${moved.join('，')}` : ''}`}</p>
      {!all && changed > 0 && (
        <Table caption="变动的商户" keyOf={({ code }) => code} rows={items} columns={[...COLUMNS, CHANGE]} />
      )}
      {all ? (
        <All path={path} compared={compared} />
      ) : (
        <Button kind="text" onClick={() => setAll(true)}>
          {changed > items.length || changed === 0 ? '看商户名单' : '看全部商户'}
        </Button>
      )}
    </div>
  )
}

function All({ path, compared }: { path: string; compared: boolean }) {
  const pages = usePages((cursor) => get<ReviewComparison>(path, { show: 'all', cursor }), `${path} all`)
  return (
    <Listed pages={pages} empty={<Empty title="没有商户" />}>
      {(items) => (
        <Table
          caption="商户名单"
          keyOf={({ code }) => code}
          rows={items}
          columns={compared ? [...COLUMNS, CHANGE] : COLUMNS}
        />
      )}
    </Listed>
  )
}

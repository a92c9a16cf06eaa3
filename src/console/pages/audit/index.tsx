import type { ActionList, ChainView } from '@contract'
import { get } from '../../client'
import { Export } from '../../export'
import { DateFilter, ExactFilters } from '../../filters'
import { count } from '../../format'
import { Link, setQuery, usePlace } from '../../router'
import { Button, Card, Copy, Empty, Failed, Listed, Loading, Notice, PageHead, Pill, SelectField } from '../../ui'
import { usePages } from '../../use-pages'
import { type Reading, useRead } from '../../use-read'
import { Action } from './action'
import { Seals } from './seals'
import { NOUNS } from './words'
import './index.scss'

const FILTERS = [
  {
    name: 'username',
    label: '操作员',
    placeholder: '例如 maker',
    pattern: /^[a-z][a-z0-9._-]{1,31}$/,
    wrong: '请填完整的用户名，小写字母开头',
  },
  {
    name: 'id',
    label: '编号',
    placeholder: '例如 M0001',
    pattern: /^[\x20-\x7e]{1,100}$/,
    wrong: '请填完整的编号，字母、数字和符号',
  },
]

/** 审计日志: who did what, when, to what, and what it was before. */
export default function AuditPage() {
  const { query } = usePlace()
  const { username = '', noun = '', id = '', from = '', to = '' } = query
  // A number alone names nothing: it may be a merchant's as well as a branch's.
  const of = noun && id ? { subject: `${noun}/${id}` } : { noun }
  const filter = { username, ...of, from, to }
  const pages = usePages((cursor) => get<ActionList>('/admin/audit', { ...filter, cursor }), JSON.stringify(filter))
  const chain = useRead(() => get<ChainView>('/admin/audit/chain'), 'chain')
  const filtered = Object.values(filter).some(Boolean)
  return (
    <>
      <PageHead
        title="审计日志"
        mark={<ChainMark reading={chain.reading} />}
        meta="每一条都由前一条推出，改动、删除、插入都会被发现"
        keys={
          <>
            <Export path="/admin/audit" query={filter} name="审计日志" />
            <Button onClick={chain.again}>重新验证</Button>
          </>
        }
      />
      <Chain reading={chain.reading} again={chain.again} />
      <Seals />
      <div className="c-filters c-filters--tight">
        <DateFilter name="from" label="从" date={from} max={to} />
        <DateFilter name="to" label="到" date={to} min={from} />
        <SelectField
          label="对象"
          value={noun}
          options={[['', '全部'], ...Object.entries(NOUNS)]}
          onText={(chosen) => setQuery({ noun: chosen })}
        />
        <ExactFilters filters={FILTERS} query={query} verb="筛选" />
      </div>
      <Card title="操作记录" aside="新的在前">
        <Listed pages={pages} empty={<None filtered={filtered} />}>
          {(items) => (
            <ol className="c-log">
              {items.map((action) => (
                <Action key={action.actionId} action={action} />
              ))}
            </ol>
          )}
        </Listed>
      </Card>
    </>
  )
}

function ChainMark({ reading }: { reading: Reading<ChainView> }) {
  if (reading.kind === 'waiting') return <Pill tone="quiet">正在验证</Pill>
  if (reading.kind === 'failed') return <Pill tone="wait">没能验证</Pill>
  return reading.value.intact ? (
    <Pill tone="ok" sign="✓">
      完整
    </Pill>
  ) : (
    <Pill tone="accent" sign="!">
      {`第 ${reading.value.brokenAt ?? '?'} 条起不连续`}
    </Pill>
  )
}

/** The state of the chain in a sentence, with its end for whoever notes it down. */
function Chain({ reading, again }: { reading: Reading<ChainView>; again(): void }) {
  if (reading.kind === 'waiting') return <Loading lines={1} />
  if (reading.kind === 'failed') return <Failed fault={reading.fault} again={again} />
  const { intact, brokenAt, actions, endMac } = reading.value
  if (!intact)
    return (
      <Notice>
        <span>
          {`日志从第 ${brokenAt ?? '?'} 条起不连续：有记录被改动、删除或插入过。请立即报告，并用 npm run audit 查明。`}
        </span>
      </Notice>
    )
  return (
    <div className="c-chain">
      <span>{`共 ${count(actions)} 条，从第一条到最后一条都连续。`}</span>
      {actions > 0 && (
        <span className="c-row">
          <span className="c-quiet c-small">末条校验值，记下它以后可以看出日志有没有被截短：</span>
          <code className="c-code" title={endMac}>{`${endMac.slice(0, 16)}…`}</code>
          <Copy text={endMac} label="校验值" />
        </span>
      )}
    </div>
  )
}

function None({ filtered }: { filtered: boolean }) {
  if (!filtered) return <Empty title="还没有操作记录" />
  return (
    <Empty title="没有符合条件的记录。操作员和编号都要填完整；只填编号不够，还要选是什么对象。">
      <Link to="audit" className="c-button c-button--plain">
        清除条件
      </Link>
    </Empty>
  )
}

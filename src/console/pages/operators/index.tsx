import type { AskedChange, OperatorList, OperatorView } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { dateTime } from '../../dates'
import { Link } from '../../router'
import { HalfOnce, Submitted } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, type Column, Empty, Notice, PageHead, Pill, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'
import { ROLE_WORDS } from '../../words'
import { aboutWords } from '../reviews/words'
import { type Deed, DeedConfirm, deedsOf } from './deeds'
import { OperatorForm } from './form'
import './index.scss'

type Asked =
  | { kind: 'create' }
  | { kind: 'change'; operator: OperatorView }
  | { kind: 'deed'; operator: OperatorView; deed: Deed }

/** 操作员: who may log in, what they may do, and their passwords' beginning. */
export default function OperatorsPage() {
  const me = useOperator()
  const { reading, again } = useRead(() => get<OperatorList>('/admin/operators'), 'operators')
  const [asked, setAsked] = useState<Asked>()
  const [submitted, setSubmitted] = useState<AskedChange>()
  const [half, setHalf] = useState<string>()
  const close = () => setAsked(undefined)
  const done = (waiting: AskedChange | null) => {
    setSubmitted(waiting ?? undefined)
    setHalf(waiting?.half ?? undefined)
    again()
  }
  return (
    <>
      <PageHead
        title="操作员"
        keys={
          <Button kind="main" onClick={() => setAsked({ kind: 'create' })}>
            新建操作员
          </Button>
        }
      />
      {submitted && <Submitted what={aboutWords(submitted.change.subject)} />}
      {reading.kind === 'ready' && <TooFew operators={reading.value.items} />}
      <Card title="操作员列表">
        <Ready reading={reading} again={again} lines={6}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="还没有操作员" />
            ) : (
              <Table
                caption="操作员列表"
                columns={columnsOf(me.username, setAsked)}
                rows={items}
                keyOf={({ username }) => username}
              />
            )
          }
        </Ready>
      </Card>
      {asked?.kind === 'create' && <OperatorForm onDone={done} onClose={close} />}
      {asked?.kind === 'change' && <OperatorForm operator={asked.operator} onDone={done} onClose={close} />}
      {asked?.kind === 'deed' && (
        <DeedConfirm
          operator={asked.operator}
          deed={asked.deed}
          own={asked.operator.username === me.username}
          onDone={done}
          onClose={close}
        />
      )}
      {submitted && half && (
        <HalfOnce
          what="一次性密码"
          about={aboutWords(submitted.change.subject)}
          half={half}
          which="first"
          onClose={() => setHalf(undefined)}
        />
      )}
    </>
  )
}

/** With a single administrator left nobody could approve what the other asks for. */
function TooFew({ operators }: { operators: OperatorView[] }) {
  const left = operators.filter((one) => !one.disabled && one.roles.includes('admin') && one.branchCode === null)
  if (left.length >= 2) return null
  return <Notice>只剩一位可用的管理员：操作员的变更没有人复核。请用命令行再加一位（npm run operator）。</Notice>
}

function columnsOf(me: string, ask: (asked: Asked) => void): readonly Column<OperatorView>[] {
  return [
    {
      name: 'operator',
      head: '操作员',
      cell: ({ username, name }) => (
        <>
          <span className="c-table__name">{name}</span>
          <span className="c-table__under">{`${username}${username === me ? '（您）' : ''}`}</span>
        </>
      ),
    },
    { name: 'roles', head: '角色', cell: ({ roles }) => roles.map((role) => ROLE_WORDS[role]).join('、') },
    { name: 'branch', head: '范围', cell: ({ branchCode }) => (branchCode ? `网点 ${branchCode}` : '全行') },
    { name: 'state', head: '状态', cell: (operator) => <State operator={operator} /> },
    {
      name: 'login',
      head: '上次登录',
      cell: ({ lastLoginAt }) => (lastLoginAt ? dateTime(lastLoginAt) : <span className="c-quiet">从未登录</span>),
    },
    {
      name: 'keys',
      head: '操作',
      right: true,
      cell: (operator) => <Keys operator={operator} ask={ask} />,
    },
  ]
}

function State({ operator: { disabled, locked, mustChangePassword, singleSignOn } }: { operator: OperatorView }) {
  return (
    <>
      <span className="c-row">
        {disabled ? (
          <Pill tone="quiet" sign="×">
            已停用
          </Pill>
        ) : (
          <Pill tone="ok" sign="✓">
            可用
          </Pill>
        )}
        {locked && (
          <Pill tone="accent" sign="!">
            密码错误，已锁定
          </Pill>
        )}
      </span>
      {singleSignOn && <span className="c-table__under">单点登录</span>}
      {mustChangePassword && <span className="c-table__under">等待首次改密码</span>}
    </>
  )
}

function Keys({ operator, ask }: { operator: OperatorView; ask(asked: Asked): void }) {
  return (
    <span className="c-operators__keys">
      <Button kind="text" aria-label={`修改 ${operator.username}`} onClick={() => ask({ kind: 'change', operator })}>
        修改
      </Button>
      {deedsOf(operator).map((deed) => (
        <Button
          key={deed.verb}
          kind="text"
          aria-label={`${deed.words} ${operator.username}`}
          onClick={() => ask({ kind: 'deed', operator, deed })}
        >
          {deed.words}
        </Button>
      ))}
      <Link to={`audit?username=${operator.username}`} aria-label={`${operator.username} 的操作记录`}>
        记录
      </Link>
    </span>
  )
}

import type { ReconciliationDay, ReconciliationList, ReconciliationView } from '@contract'
import { type ReactNode, useEffect, useState } from 'react'
import { SHA_256 } from '../../../sentences'
import { serverNow } from '../../../server-time'
import { get } from '../../client'
import { dateOf, dateTime, dayText } from '../../dates'
import { download } from '../../download'
import { count, yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { may } from '../../permissions'
import { Link, usePlace } from '../../router'
import { useOperator } from '../../session'
import { Button, Card, Copy, Empty, Facts, Failed, Loading, Notice, PageHead, Pill, Stale, toast } from '../../ui'
import { useRead } from '../../use-read'
import { Channels } from './channels'
import { Differences } from './differences'
import { PARTS } from './parts'
import { Reissued } from './reissued'
import { Run, useRun } from './run'
import { Totals } from './totals'
import { type Channel, DAY_STATES, OWN, PROOF_WORDS, saidOf, sideWord, weekdayWord } from './words'
import './index.scss'

interface Standing {
  day: ReconciliationDay
  /** whose books there are */
  channels: readonly Channel[]
  /** null as long as the day isn't reconciled */
  view: ReconciliationView | null
}

async function standingOf(date: string, channel: Channel): Promise<Standing> {
  const { items, channels } = await get<ReconciliationList>('/admin/reconciliations', { to: date, days: 1, channel })
  const day = items[0]!
  const done = day.state === 'balanced' || day.state === 'differences'
  return {
    day,
    channels,
    view: done ? await get<ReconciliationView>(`/admin/reconciliations/${date}`, { channel }) : null,
  }
}

/** A run of this process or another is watched to its end. */
const WATCH_MS = 3_000

/** The reconciliation of one business date, a tab for each channel. */
export default function ReconciliationDayPage({ params: { date = '' } }: PageProps) {
  const channel = (usePlace().query.channel ?? OWN) as Channel
  const [channels, setChannels] = useState<readonly Channel[]>([])
  const tabs = channels.length > 1 && <Channels channels={channels} chosen={channel} />
  // Another channel's day is another page: nothing that was said of one stays.
  return <Day key={`${channel} ${date}`} date={date} channel={channel} tabs={tabs} onChannels={setChannels} />
}

interface DayProps {
  date: string
  channel: Channel
  tabs: ReactNode
  /** which there are, once that is known */
  onChannels(channels: readonly Channel[]): void
}

function Day({ date, channel, tabs, onChannels }: DayProps) {
  const [quick, setQuick] = useState(false)
  const { reading, again } = useRead(
    () => standingOf(date, channel),
    `${channel} ${date}`,
    quick ? WATCH_MS : undefined,
  )
  const run = useRun(date, channel, again)
  const standing = reading.kind === 'ready' ? reading.value : null
  const channels = standing?.channels
  useEffect(() => {
    if (channels) onChannels(channels)
  }, [channels, onChannels])
  const running = run.busy || standing?.day.state === 'running'
  if (running !== quick) setQuick(running)
  const state = running ? 'running' : standing?.day.state
  return (
    <>
      <PageHead
        title={`${dayText(date)} 对账`}
        trail={[['对账', channel === OWN ? 'reconciliation' : `reconciliation?channel=${channel}`]]}
        mark={state && <StateMark state={state} />}
        meta={channel === OWN ? weekdayWord(date) : `${sideWord(channel)}，${weekdayWord(date)}`}
        keys={standing && <Keys standing={standing} running={running} onRun={run.start} />}
      />
      {tabs}
      <Run run={run} running={running} channel={channel} />
      {reading.kind === 'waiting' && <Loading lines={8} />}
      {reading.kind === 'failed' && <Failed fault={reading.fault} again={again} />}
      {reading.kind === 'ready' && reading.fault !== null && <Stale fault={reading.fault} again={again} />}
      {standing &&
        (standing.view ? <Done view={standing.view} again={again} /> : !running && <NotYet day={standing.day} />)}
    </>
  )
}

function StateMark({ state }: { state: ReconciliationDay['state'] }) {
  const [words, tone, sign] = DAY_STATES[state]
  return (
    <Pill tone={tone} sign={sign}>
      {words}
    </Pill>
  )
}

/** Days after which a statement doesn't come by itself. */
const OVERDUE_DAYS = 3

function NotYet({ day: { channel, date, state } }: { day: ReconciliationDay }) {
  const mayRun = may(useOperator(), 'reconcile')
  if (state === 'none') return <Empty title="这一天还没有这个渠道的订单，不用对账。" />
  const late = date <= dateOf(serverNow(), -OVERDUE_DAYS)
  const words = saidOf(
    channel,
    late
      ? '这一天还没有对账，之后的日子都在等它。对账单一直不来，请向银行索取或核实。'
      : '这一天还没有对账。银行出了对账单就可以对。',
  )
  return <Empty title={mayRun ? words : '这一天还没有对账，由经办或复核来对。'} />
}

function Keys({ standing, running, onRun }: { standing: Standing; running: boolean; onRun(): void }) {
  const mayRun = may(useOperator(), 'reconcile')
  const [saving, setSaving] = useState('')
  const done = standing.view !== null
  const { date, channel } = standing.day
  async function save(extension: 'md' | 'csv') {
    setSaving(extension)
    const path = `/admin/reconciliations/${date}/report.${extension}`
    await download(path, { channel }, `reconciliation-${date}.${extension}`).catch(toast.fault)
    setSaving('')
  }
  return (
    <>
      {done && (
        <>
          <Link to={signPlace(date, channel)} className="c-button c-button--plain">
            签字件
          </Link>
          <Button busy={saving === 'md'} onClick={() => void save('md')}>
            下载报告
          </Button>
          <Button busy={saving === 'csv'} onClick={() => void save('csv')}>
            差错 CSV
          </Button>
        </>
      )}
      {mayRun && standing.day.state !== 'none' && (
        <Button kind={done ? 'plain' : 'main'} busy={running} onClick={onRun}>
          {done ? '再对一次' : '开始对账'}
        </Button>
      )}
    </>
  )
}

const signPlace = (date: string, channel: Channel) =>
  `reconciliation/${date}/sign${channel === OWN ? '' : `?channel=${channel}`}`

function Done({ view, again }: { view: ReconciliationView; again(): void }) {
  return (
    <>
      <Verdict view={view} />
      <Says says={view.says} />
      <Reissued view={view} onKept={again} />
      <div className="c-stack">
        <Totals view={view} />
        <Differences view={view} onDecided={again} />
        <Source view={view} />
      </div>
    </>
  )
}

/** What the day is made of, in number and money. */
const Says = ({ says }: { says: ReconciliationView['says'] }) => (
  <dl className="c-says">
    {PARTS.map(([part, words]) => (
      <div key={part} className={`c-says__part c-says__part--${part} ${says[part].count === 0 ? 'is-none' : ''}`}>
        <dt>{words}</dt>
        <dd>
          <span className="c-says__count">{`${count(says[part].count)} 笔`}</span>
          <span className="c-quiet">{yuanText(says[part].fen)}</span>
        </dd>
      </div>
    ))}
  </dl>
)

/** The day in a sentence: may it be signed, and if not, why. */
function Verdict({
  view: { channel, settled, proven, openCount, waitingCount, stillOpen, differences, reissued },
}: {
  view: ReconciliationView
}) {
  if (settled)
    return (
      <Notice kind="ok">
        <span>逐笔核对、合计相符，差错都已了结：这一天的账可以签字。</span>
      </Notice>
    )
  const rejected = differences.reduce((sum, one) => sum + (one.state === 'rejected' ? one.count : 0), 0)
  const reasons = [
    ...(proven ? [] : ['合计不相符，请不要签字，并立即报告']),
    ...(reissued?.by === null ? [`${sideWord(channel)}重发了内容不同的对账单`] : []),
    ...(openCount > 0 ? [`有 ${count(openCount)} 条差错待处理`] : []),
    ...(rejected > 0 ? [`有 ${count(rejected)} 条已驳回，等${sideWord(channel)}更正`] : []),
    ...(waitingCount > rejected ? [`有 ${count(waitingCount - rejected)} 条的钱还没有退回付款人`] : []),
    ...(stillOpen.count > 0
      ? [`有 ${count(stillOpen.count)} 笔付款或退款还没有结果，共 ${yuanText(stillOpen.fen)}`]
      : []),
  ]
  return (
    <Notice>
      <span>{`还不能签字：${reasons.join('；')}。`}</span>
    </Notice>
  )
}

/** Which file it was, and what came of it besides differences. */
function Source({ view }: { view: ReconciliationView }) {
  const { channel, sha256, lines, startedAt, matchedAt, ended, closed, unanswered } = view
  const side = sideWord(channel)
  return (
    <Card title="对账单与过程">
      <Facts
        rows={[
          ['对账单', `${count(lines)} 行，${PROOF_WORDS[channel]}`],
          [
            '文件摘要',
            <span key="hash" className="c-row">
              <span className="c-code">{`${SHA_256} ${sha256}`}</span>
              <Copy text={sha256} label="摘要" />
            </span>,
          ],
          ['时间', `${dateTime(startedAt)} 开始，${dateTime(matchedAt)} 完成`],
          ['由它完结', `${count(ended)} 笔结果未定的订单和退款，按对账单完结`],
          ['关闭', `${count(closed)} 笔订单对账单里没有，已在${side}关闭`],
          ['没有答复', unanswered === 0 ? '没有' : `${count(unanswered)} 笔`],
        ]}
      />
      <p className="c-card__note">“再对一次”不会改变结果：只再问没有答复的订单，并核对{side}有没有换过文件。</p>
    </Card>
  )
}

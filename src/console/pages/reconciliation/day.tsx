import type { ReconciliationDay, ReconciliationList, ReconciliationView } from '@contract'
import { useState } from 'react'
import { dateTime } from '../../../dates'
import { download, get } from '../../client'
import { count } from '../../format'
import type { PageProps } from '../../page-props'
import { may } from '../../permissions'
import { usePlace } from '../../router'
import { useOperator } from '../../session'
import { Button, Card, Copy, Empty, Facts, Failed, Loading, Notice, PageHead, Pill, Stale, toast } from '../../ui'
import { useRead } from '../../use-read'
import { Differences } from './differences'
import { Reissued } from './reissued'
import { Run, useRun } from './run'
import { Totals } from './totals'
import { type Channel, DAY_STATES, OWN, saidOf, sideWord, weekdayWord } from './words'
import './index.scss'

interface Standing {
  day: ReconciliationDay
  /** null as long as the day isn't reconciled */
  view: ReconciliationView | null
}

async function standingOf(date: string, channel: Channel): Promise<Standing> {
  const { items } = await get<ReconciliationList>('/admin/reconciliations', { to: date, days: 1, channel })
  const day = items[0]!
  const done = day.state === 'balanced' || day.state === 'differences'
  return { day, view: done ? await get<ReconciliationView>(`/admin/reconciliations/${date}`, { channel }) : null }
}

/** A run of this process or another is watched to its end. */
const WATCH_MS = 3_000

/** The reconciliation of one business date of a channel. */
export default function ReconciliationDayPage({ params: { date = '' } }: PageProps) {
  const channel = (usePlace().query.channel ?? OWN) as Channel
  const [quick, setQuick] = useState(false)
  const { reading, again } = useRead(
    () => standingOf(date, channel),
    `${channel} ${date}`,
    quick ? WATCH_MS : undefined,
  )
  const run = useRun(date, channel, again)
  const standing = reading.kind === 'ready' ? reading.value : null
  const running = run.busy || standing?.day.state === 'running'
  if (running !== quick) setQuick(running)
  const state = running ? 'running' : standing?.day.state
  return (
    <>
      <PageHead
        title={`${date} 对账`}
        trail={[['对账', channel === OWN ? 'reconciliation' : `reconciliation?channel=${channel}`]]}
        mark={state && <StateMark state={state} />}
        meta={channel === OWN ? weekdayWord(date) : `${sideWord(channel)}，${weekdayWord(date)}`}
        keys={standing && <Keys standing={standing} running={running} onRun={run.start} />}
      />
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

function NotYet({ day: { channel, state } }: { day: ReconciliationDay }) {
  const mayRun = may(useOperator(), 'reconcile')
  if (state === 'none') return <Empty title="这一天还没有这个渠道的订单，不用对账。" />
  const words = saidOf(channel, '这一天还没有对账。银行出了对账单就可以对。')
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

function Done({ view, again }: { view: ReconciliationView; again(): void }) {
  return (
    <>
      <Verdict view={view} />
      <Reissued view={view} onKept={again} />
      <div className="c-stack">
        <Totals view={view} />
        <Differences view={view} onDecided={again} />
        <Source view={view} />
      </div>
    </>
  )
}

/** The day in a sentence: may it be signed, and if not, why. */
function Verdict({
  view: { channel, settled, proven, openCount, waitingCount, unanswered, reissued },
}: {
  view: ReconciliationView
}) {
  if (settled)
    return (
      <Notice kind="ok">
        <span>逐笔核对、合计相符，差错都已了结：这一天的账可以签字。</span>
      </Notice>
    )
  const reasons = [
    ...(proven ? [] : ['合计不相符，请不要签字，并立即报告']),
    ...(reissued?.by === null ? [`${sideWord(channel)}重发了内容不同的对账单`] : []),
    ...(openCount > 0 ? [`有 ${count(openCount)} 条差错待处理`] : []),
    ...(waitingCount > 0 ? [`有 ${count(waitingCount)} 条已驳回，等${sideWord(channel)}更正`] : []),
    ...(unanswered > 0 ? [`有 ${count(unanswered)} 笔订单${sideWord(channel)}没有答复，请稍后再对一次`] : []),
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
          ['对账单', `${count(lines)} 行，${side}签名的清单核对无误`],
          [
            '文件摘要',
            <span key="hash" className="c-row">
              <span className="c-code">{`SHA-256 ${sha256}`}</span>
              <Copy text={sha256} label="摘要" />
            </span>,
          ],
          ['时间', `${dateTime(startedAt)} 开始，${dateTime(matchedAt)} 完成`],
          ['由它终结', `${count(ended)} 笔结果未定的订单和退款，按对账单终结`],
          ['关闭', `${count(closed)} 笔订单对账单里没有，已在${side}关闭`],
          ['没有答复', unanswered === 0 ? '没有' : `${count(unanswered)} 笔`],
        ]}
      />
      <p className="c-card__note">“再对一次”不会改变结果：只再问没有答复的订单，并核对{side}有没有换过文件。</p>
    </Card>
  )
}

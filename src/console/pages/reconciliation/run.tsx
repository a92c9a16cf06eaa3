import type { ReconciliationView } from '@contract'
import { useEffect, useRef, useState } from 'react'
import { post } from '../../client'
import { dayText, duration } from '../../dates'
import { Link } from '../../router'
import { unsure } from '../../sentences'
import { Fault, Notice, toast } from '../../ui'
import { type Channel, dayPlace, daysFirst, refusalWords } from './words'

/** A statement of a million lines takes minutes; a run goes on at the server whether we wait for it or not. */
const TIMEOUT_MS = 600_000

export interface RunState {
  busy: boolean
  /** why it was refused */
  fault: string | undefined
  /** earlier days that come first */
  days: readonly string[]
  start(): void
}

/** Reconciles a day; `onEnd` is called however it ended. */
export function useRun(date: string, channel: Channel, onEnd: () => void): RunState {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const [days, setDays] = useState<readonly string[]>([])
  const here = useRef(true)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  async function run() {
    setBusy(true)
    setFault(undefined)
    setDays([])
    let refusal: string | undefined
    let first: readonly string[] = []
    try {
      const path = `/admin/reconciliations/${date}`
      const view = await post<ReconciliationView>(path, {}, { timeoutMs: TIMEOUT_MS, query: { channel } })
      toast.ok(
        view.openCount === 0 ? `${dayText(date)} 已对完` : `${dayText(date)} 已对完，有 ${view.openCount} 条差错待处理`,
      )
    } catch (error) {
      first = daysFirst(error)
      refusal = refusalWords(error, channel)
      if (unsure(error)) refusal += ' 对账可能还在进行，本页会自动更新。'
    }
    if (!here.current) return
    setFault(refusal)
    setDays(first)
    setBusy(false)
    onEnd()
  }
  return { busy, fault, days, start: () => void run() }
}

/** How far it is, or why it was refused. The server tells no percentage, so it says how long it has been at it. */
export function Run({ run, running, channel }: { run: RunState; running: boolean; channel: Channel }) {
  return (
    <>
      {running && <Progress own={run.busy} />}
      <Fault text={run.fault} />
      {run.days.length > 0 && <DaysFirst days={run.days} channel={channel} />}
    </>
  )
}

/** The earlier days, the earliest first; each is a step away. */
const DaysFirst = ({ days, channel }: { days: readonly string[]; channel: Channel }) => (
  <nav className="c-row c-first" aria-label="先对这些日子">
    <span>先对：</span>
    {days.map((date) => (
      <Link key={date} to={dayPlace(date, channel)}>
        {dayText(date)}
      </Link>
    ))}
  </nav>
)

function Progress({ own }: { own: boolean }) {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <Notice>
      <span role="status">
        {own ? '正在取对账单、逐笔核对' : '正在对账（由同事或定时任务开始）'}
        ，可以离开本页，不会中断。
      </span>
      <span role="timer">{duration(seconds)}</span>
      <span className="c-progress" aria-hidden="true" />
    </Notice>
  )
}

import type { BrakeView } from '@contract'
import { useState } from 'react'
import { refreshHeld, useHeld, useWatchedBrake } from './brake'
import { call, post } from './client'
import { dateTime } from './dates'
import { may } from './permissions'
import { useOperator } from './session'
import { Button, Confirm, toast } from './ui'

/** `checker 于 2026-11-20 09:00:00 暂停。原因：疑似套现` */
export const heldWords = ({ by, at, note }: BrakeView) =>
  `${by} 于 ${dateTime(at)} 暂停${note ? `。原因：${note}` : ''}`

/** While every discount of the house is stopped: on every page, above everything. */
export function BrakeBar() {
  const operator = useOperator()
  useWatchedBrake(operator.username)
  const all = useHeld()?.all
  const [asked, setAsked] = useState(false)
  if (!all) return null
  return (
    <div className="c-brake" role="status">
      <p>
        <strong>全部优惠已紧急暂停</strong>
        <span>{`${heldWords(all)}。顾客照常付款，没有优惠；已试算的优惠照付。${all.releaseAsked ? '已申请恢复，待复核。' : ''}`}</span>
      </p>
      {may(operator, 'brakeAll') && !all.releaseAsked && <Button onClick={() => setAsked(true)}>申请恢复</Button>}
      {asked && (
        <Resume
          title="申请恢复全部优惠"
          words="另一位同事复核通过后，全部优惠立即恢复。在那以前仍是暂停。"
          ask={(note) => call('/admin/brake', { method: 'DELETE', body: { note }, ifMatch: all.revision })}
          onClose={() => setAsked(false)}
        />
      )}
    </div>
  )
}

/** Of who pulls it while a colleague's request to let go of it waits. */
export const AGAIN = '同事的恢复申请随之作废，优惠继续暂停。'

/** Stops every discount of the house; asked once, with a reason. While it is stopped it is offered to who wants it to stay so. */
export function BrakeKey() {
  const operator = useOperator()
  const held = useHeld()
  const [asked, setAsked] = useState(false)
  if (!held || (held.all && !held.all.releaseAsked) || !may(operator, 'brakeAll')) return null
  return (
    <>
      <Button kind="text" className="c-side__brake" onClick={() => setAsked(true)}>
        {held.all ? '继续暂停全部优惠' : '暂停全部优惠'}
      </Button>
      {asked && (
        <Stop
          title="暂停全部优惠"
          words={[
            '立即生效：全行所有活动、所有商户的顾客马上抽不到优惠。付款照常，已经试算出的优惠在有效期内照付。',
            ...(held.all ? [AGAIN] : []),
          ]}
          path="/admin/brake"
          done="全部优惠已暂停"
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

interface StopProps {
  title: string
  words: readonly string[]
  path: string
  done: string
  onClose(): void
}

export function Stop({ title, words, path, done, onClose }: StopProps) {
  async function act(note: string | undefined) {
    try {
      await post(path, { note })
      toast.ok(done)
    } finally {
      // of a lost answer, too: it may be stopped all the same, and then that is seen and not asked for again
      await refreshHeld()
    }
  }
  return (
    <Confirm
      title={title}
      consequence={[...words, '要恢复须由一位同事申请、另一位复核。'].map((line) => <p key={line}>{line}</p>)}
      verb="立即暂停"
      danger
      note={{ label: '原因（同事会看到）', required: true }}
      act={act}
      onClose={onClose}
    />
  )
}

interface ResumeProps {
  title: string
  words: string
  ask(note: string | undefined): Promise<unknown>
  onClose(): void
}

export function Resume({ title, words, ask, onClose }: ResumeProps) {
  async function act(note: string | undefined) {
    try {
      await ask(note)
      toast.ok('已申请恢复，等待复核')
    } finally {
      void refreshHeld()
    }
  }
  return (
    <Confirm
      title={title}
      consequence={<p>{words}</p>}
      verb="申请恢复"
      note={{ label: '说明（复核人会看到）', required: true }}
      act={act}
      onClose={onClose}
    />
  )
}

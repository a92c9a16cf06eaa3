import type { EnrolmentView, SecondFactorView } from '@contract'
import { type FormEvent, useEffect, useState } from 'react'
import { Qr } from '../components/qr'
import { get } from './client'
import { dateTime } from './dates'
import { fieldOf, sentenceOf } from './sentences'
import { beginEnrolment, confirmEnrolment, enrolled, logOut } from './session-calls'
import { Button, Card, Copy, Facts, Failed, Fault, Loading, PageHead, TextField, toast } from './ui'
import { useRead } from './use-read'

/** Setting up the second factor; `due`: before anything else. */
export default function SecondFactor({ due }: { due?: boolean }) {
  useEffect(() => {
    if (due) document.title = '设置两步验证 · 发牌运营台'
  }, [due])
  if (!due)
    return (
      <>
        <PageHead title="两步验证" />
        <div className="c-narrow">
          <Own />
        </div>
      </>
    )
  return (
    <main className="console c-door">
      <div className="c-door__card c-door__card--wide">
        <p className="c-door__brand">发牌 · 运营台</p>
        <h1 className="c-door__title">设置两步验证</h1>
        <p className="c-door__said">您的角色要批准别人的申请，登录时除了密码，还要手机上的验证码。</p>
        <Steps onDone={enrolled} />
        <Button kind="text" onClick={() => void logOut()}>
          退出登录
        </Button>
      </div>
    </main>
  )
}

/** As it stands, and another telephone. */
function Own() {
  const { reading, again } = useRead(() => get<SecondFactorView>('/admin/second-factor'), 'second-factor')
  const [changing, setChanging] = useState(false)
  if (reading.kind === 'failed') return <Failed fault={reading.fault} again={again} />
  if (reading.kind !== 'ready') return <Loading lines={4} />
  const { since, recoveryCodesLeft } = reading.value
  const done = () => {
    setChanging(false)
    enrolled()
    toast.ok('两步验证已启用')
    again()
  }
  if (changing) return <Steps replaces={since !== null} onDone={done} />
  if (since === null)
    return (
      <Card title="未启用">
        <p>启用后，登录时除了密码，还要手机上的验证码；别人知道了密码也进不来。</p>
        <div className="c-under">
          <Button kind="main" onClick={() => setChanging(true)}>
            启用两步验证
          </Button>
        </div>
      </Card>
    )
  return (
    <Card title="已启用">
      <Facts
        rows={[
          ['启用时间', dateTime(since)],
          ['剩余恢复码', `${recoveryCodesLeft} 个`],
        ]}
      />
      <div className="c-under">
        <Button onClick={() => setChanging(true)}>换手机，或重新生成恢复码</Button>
      </div>
    </Card>
  )
}

/** A code of the old one where there is one, the new one's picture and first code, the codes to recover with. */
function Steps({ replaces, onDone }: { replaces?: boolean; onDone(): void }) {
  const [enrolment, setEnrolment] = useState<EnrolmentView>()
  const [codes, setCodes] = useState<string[]>()
  if (codes) return <Recovery codes={codes} onDone={onDone} />
  if (!enrolment) return <Begin replaces={replaces ?? false} onBegun={setEnrolment} />
  return <Confirm enrolment={enrolment} onCodes={setCodes} onExpired={() => setEnrolment(undefined)} />
}

function Begin({ replaces, onBegun }: { replaces: boolean; onBegun(enrolment: EnrolmentView): void }) {
  const form = useCode((code) => beginEnrolment(code).then(onBegun))
  if (!replaces)
    return (
      <form onSubmit={form.submit} noValidate>
        <p className="c-door__said">
          先在手机上装一个验证器，例如微信小程序“腾讯身份验证器”，或者 Microsoft、Google 的验证器。
        </p>
        <Fault text={form.fault} />
        <Button type="submit" kind="main" className="c-door__key" busy={form.busy}>
          装好了，下一步
        </Button>
      </form>
    )
  return (
    <form onSubmit={form.submit} noValidate>
      <CodeField label="现在的验证码" {...form} hint="原来手机上的 6 位数字；手机丢了，输入一个恢复码" />
      <Button type="submit" kind="main" className="c-door__key" busy={form.busy}>
        下一步
      </Button>
    </form>
  )
}

function Confirm({
  enrolment,
  onCodes,
  onExpired,
}: {
  enrolment: EnrolmentView
  onCodes(codes: string[]): void
  onExpired(): void
}) {
  const form = useCode(async (code) => {
    const confirmed = confirmEnrolment(enrolment.ticket, code ?? '')
    onCodes(
      await confirmed.catch((error) => {
        if (fieldOf(error) === 'ticket') onExpired()
        throw error
      }),
    )
  })
  return (
    <form onSubmit={form.submit} noValidate>
      <p className="c-door__said">用验证器扫这个码，再输入它显示的 6 位数字。</p>
      <Qr className="c-qr" text={enrolment.uri} label="验证器要扫的二维码" />
      <details className="c-secret">
        <summary>扫不了？手动输入密钥</summary>
        <output className="c-secret__text">{enrolment.secret.replace(/.{4}(?=.)/g, '$& ')}</output>
        <Copy text={enrolment.secret} label="密钥" />
      </details>
      <CodeField label="验证码" {...form} />
      <Button type="submit" kind="main" className="c-door__key" busy={form.busy}>
        启用
      </Button>
    </form>
  )
}

function Recovery({ codes, onDone }: { codes: readonly string[]; onDone(): void }) {
  return (
    <section aria-label="恢复码">
      <p className="c-door__said">
        两步验证已启用。手机丢了时，用下面的恢复码登录，每个只能用一次。只在这里显示，请现在抄下或打印，收在手机以外的地方。
      </p>
      <ol className="c-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Copy text={codes.join('\n')} label="恢复码" />
      <div className="c-under">
        <Button kind="main" className="c-door__key" onClick={onDone}>
          已保存，继续
        </Button>
      </div>
    </section>
  )
}

interface Form {
  code: string
  setCode(code: string): void
  fault: string | undefined
}

function CodeField({ label, hint, code, setCode, fault }: Form & { label: string; hint?: string }) {
  return (
    <TextField
      label={label}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={40}
      value={code}
      onText={setCode}
      hint={hint}
      fault={fault}
    />
  )
}

/** A code that is typed and sent. */
function useCode(send: (code: string | undefined) => Promise<unknown>) {
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(undefined)
    try {
      await send(code.trim() || undefined)
    } catch (error) {
      setCode('')
      setFault(sentenceOf(error))
    }
    setBusy(false)
  }
  return { code, setCode, busy, fault, submit }
}

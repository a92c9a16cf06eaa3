import type { Problem } from '@contract'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { ConsoleError } from './client'
import { CodeStep } from './code-step'
import { setQuery, usePlace } from './router'
import { codeSentence, sentenceOf } from './sentences'
import { sessions } from './session'
import { logIn, loginWays, redeem } from './session-calls'
import { Button, Fault, TextField } from './ui'
import { useRead } from './use-read'

/** The log-in: by password, and by the bank's single sign-on where it has one. The page that was wanted opens afterwards. */
export function Login() {
  const { query } = usePlace()
  const { reading } = useRead(loginWays, 'ways')
  const [step, setStep] = useState<string>()
  const ticketFault = useTicket(query.ticket, setStep)
  const [fault, setFault] = useState<string>()
  useEffect(() => {
    document.title = '登录 · 发牌运营台'
  }, [])
  const ways = reading.kind === 'ready' ? reading.value : null
  const offline = reading.kind === 'failed' ? sentenceOf(reading.fault) : undefined
  const refused = query.refused && codeSentence(query.refused)
  const back = (why?: string) => {
    setStep(undefined)
    setFault(why)
  }
  if (step)
    return (
      <Door title="两步验证">
        <CodeStep ticket={step} onBack={back} />
      </Door>
    )
  return (
    <Door title="登录">
      {sessions.ended() === 'expired' && <p className="c-door__said">登录已过期，请重新登录。</p>}
      {sessions.ended() === 'left' && <p className="c-door__said">已退出。</p>}
      <PasswordForm onFault={setFault} onStep={setStep} />
      <Fault text={fault ?? ticketFault ?? refused ?? offline} />
      {ways?.singleSignOn && (
        <a className="c-button c-button--plain c-door__sso" href={ways.singleSignOn.startUrl}>
          {`用${ways.singleSignOn.name}登录`}
        </a>
      )}
    </Door>
  )
}

function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="console c-door">
      <div className="c-door__card">
        <p className="c-door__brand">发牌 · 运营台</p>
        <h1 className="c-door__title">{title}</h1>
        {children}
      </div>
    </main>
  )
}

/** The ticket of the second step, where one is asked for. */
const stepOf = (error: unknown) =>
  error instanceof ConsoleError && error.code === 'second-factor-required' ? (error.body as Problem).ticket : undefined

interface FormProps {
  onFault(fault: string | undefined): void
  onStep(ticket: string): void
}

function PasswordForm({ onFault, onStep }: FormProps) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    if (!username.trim() || !password) return onFault('请填写用户名和密码')
    setBusy(true)
    onFault(undefined)
    try {
      await logIn(username.trim(), password)
    } catch (error) {
      const ticket = stepOf(error)
      if (ticket) return onStep(ticket)
      setPassword('')
      setBusy(false)
      onFault(sentenceOf(error))
    }
  }
  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label="用户名"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        value={username}
        onText={setUsername}
      />
      <TextField
        label="密码"
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onText={setPassword}
      />
      <Button type="submit" kind="main" className="c-door__key" busy={busy}>
        登录
      </Button>
    </form>
  )
}

/** Single sign-on comes back with a ticket in the address: it works once, and leaves no trace in the history. */
function useTicket(ticket: string | undefined, onStep: (ticket: string) => void): string | undefined {
  const [fault, setFault] = useState<string>()
  const used = useRef<string>()
  useEffect(() => {
    if (!ticket || used.current === ticket) return
    used.current = ticket
    setQuery({ ticket: undefined })
    redeem(ticket).catch((error) => {
      const next = stepOf(error)
      if (next) onStep(next)
      else setFault(sentenceOf(error))
    })
  }, [ticket, onStep])
  return fault
}

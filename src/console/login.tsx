import { type FormEvent, useEffect, useRef, useState } from 'react'
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
  const ticketFault = useTicket(query.ticket)
  const [fault, setFault] = useState<string>()
  useEffect(() => {
    document.title = '登录 · 发牌运营台'
  }, [])
  const ways = reading.kind === 'ready' ? reading.value : null
  const offline = reading.kind === 'failed' ? sentenceOf(reading.fault) : undefined
  const refused = query.refused && codeSentence(query.refused)
  return (
    <main className="console c-door">
      <div className="c-door__card">
        <p className="c-door__brand">发牌 · 运营台</p>
        <h1 className="c-door__title">登录</h1>
        {sessions.ended() === 'expired' && <p className="c-door__said">登录已过期，请重新登录。</p>}
        {sessions.ended() === 'left' && <p className="c-door__said">已退出。</p>}
        <PasswordForm onFault={setFault} />
        <Fault text={fault ?? ticketFault ?? refused ?? offline} />
        {ways?.singleSignOn && (
          <a className="c-button c-button--plain c-door__sso" href={ways.singleSignOn.startUrl}>
            {`用${ways.singleSignOn.name}登录`}
          </a>
        )}
      </div>
    </main>
  )
}

function PasswordForm({ onFault }: { onFault(fault: string | undefined): void }) {
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
function useTicket(ticket: string | undefined): string | undefined {
  const [fault, setFault] = useState<string>()
  const used = useRef<string>()
  useEffect(() => {
    if (!ticket || used.current === ticket) return
    used.current = ticket
    setQuery({ ticket: undefined })
    redeem(ticket).catch((error) => setFault(sentenceOf(error)))
  }, [ticket])
  return fault
}

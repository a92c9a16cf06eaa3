import { type FormEvent, useState } from 'react'
import { ConsoleError } from './client'
import { sentenceOf } from './sentences'
import { showCode } from './session-calls'
import { Button, Fault, TextField } from './ui'

/** The second step of a log-in. `onBack`: to the password, with why. */
export function CodeStep({ ticket, onBack }: { ticket: string; onBack(why?: string): void }) {
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    if (!code.trim()) return setFault('请填写验证码')
    setBusy(true)
    setFault(undefined)
    try {
      await showCode(ticket, code)
    } catch (error) {
      if (error instanceof ConsoleError && error.code === 'login-refused') return onBack('等得太久了，请重新登录')
      setCode('')
      setBusy(false)
      setFault(sentenceOf(error))
    }
  }
  return (
    <form onSubmit={submit} noValidate>
      <p className="c-door__said">打开手机上的验证器，输入它显示的 6 位数字。</p>
      <TextField
        label="验证码"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus
        maxLength={40}
        value={code}
        onText={setCode}
        hint="手机不在身边？也可以输入一个恢复码"
      />
      <Fault text={fault} />
      <Button type="submit" kind="main" className="c-door__key" busy={busy}>
        登录
      </Button>
      <Button kind="text" onClick={() => onBack()}>
        换个账号
      </Button>
    </form>
  )
}

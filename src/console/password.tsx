import { type FormEvent, useEffect, useState } from 'react'
import { go } from './router'
import { fieldOf, sentenceOf } from './sentences'
import { changePassword, logOut } from './session-calls'
import { Button, Fault, PageHead, TextField, toast } from './ui'

const LEAST = 10

/** A new password; `due`: before anything else. */
export function Password({ due }: { due?: boolean }) {
  useEffect(() => {
    if (due) document.title = '修改密码 · 发牌运营台'
  }, [due])
  if (!due)
    return (
      <>
        <PageHead title="修改密码" />
        <div className="c-narrow">
          <Form onDone={() => go('home')} />
        </div>
      </>
    )
  return (
    <main className="console c-door">
      <div className="c-door__card">
        <p className="c-door__brand">发牌 · 运营台</p>
        <h1 className="c-door__title">先修改密码</h1>
        <p className="c-door__said">现在的密码是管理员给的，只能用来登录这一次。</p>
        <Form onDone={() => {}} />
        <Button kind="text" onClick={() => void logOut()}>
          退出登录
        </Button>
      </div>
    </main>
  )
}

function Form({ onDone }: { onDone(): void }) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>()
  const wrong = fieldOf(fault) === 'current' ? '不正确' : undefined
  const weak = fieldOf(fault) === 'next' ? sentenceOf(fault) : undefined
  const short = next.length < LEAST ? `至少 ${LEAST} 位` : next === current ? '不能与现在的密码相同' : undefined
  const other = again === next ? undefined : '两次输入不一致'
  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy || !current || short || other) return
    setBusy(true)
    setFault(undefined)
    try {
      await changePassword(current, next)
      toast.ok('密码已修改')
      onDone()
    } catch (error) {
      setFault(error)
    }
    setBusy(false)
  }
  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label="现在的密码"
        type="password"
        autoComplete="current-password"
        value={current}
        onText={setCurrent}
        fault={tried && !current ? '请填写' : wrong}
      />
      <TextField
        label="新密码"
        type="password"
        autoComplete="new-password"
        value={next}
        onText={(text) => {
          setNext(text)
          setFault(undefined)
        }}
        hint={`至少 ${LEAST} 位；长比复杂更安全，几个不相干的词最好，不要用名字和生日`}
        fault={(tried && short) || weak}
      />
      <TextField
        label="再输一次新密码"
        type="password"
        autoComplete="new-password"
        value={again}
        onText={setAgain}
        fault={tried ? other : undefined}
      />
      <Fault text={fault && !wrong && !weak ? sentenceOf(fault) : undefined} />
      <Button type="submit" kind="main" busy={busy}>
        修改密码
      </Button>
    </form>
  )
}

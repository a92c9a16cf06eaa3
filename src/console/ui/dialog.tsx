import { type FormEvent, type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react'
import { useGuard } from '../router'
import { sentenceOf } from '../sentences'
import { Button } from './button'
import { TextArea } from './field'

interface DialogProps {
  title: string
  children: ReactNode
  /** also Esc, which asks first when something was typed; not called while `held` */
  onClose(): void
  /** a request is under way: it can't be closed */
  held?: boolean
  /** what Esc and Back ask before they close it, whether or not something was typed */
  asks?: Question
  wide?: boolean
}

/** The browser's own modal: focus stays inside and returns to where it was, Esc closes, the page behind is inert. */
export function Dialog({ title, children, onClose, held, asks, wide }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const id = useId()
  const [typed, setTyped] = useState(false)
  const dirty = typed || asks !== undefined
  const leaving = useLeaving(dirty, asks ?? TYPED)
  useEffect(() => {
    const dialog = box.current
    const before = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={box}
      className={`c-dialog ${wide ? 'c-dialog--wide' : ''}`}
      aria-labelledby={id}
      onChange={() => setTyped(true)}
      onCancel={(event) => {
        event.preventDefault()
        if (!held) leaving.ask(onClose)
      }}
      // a browser doesn't let itself be kept from closing it twice in a row
      onClose={({ currentTarget }) => {
        if (!currentTarget.isConnected || currentTarget.open) return
        if (!held && !dirty) return onClose()
        // above a question of its own, which is asked anew when it is wanted
        leaving.stay()
        currentTarget.showModal()
      }}
    >
      <h2 id={id} className="c-dialog__title">
        {title}
      </h2>
      {children}
      {leaving.question}
    </dialog>
  )
}

/** What is asked before something is lost, and the word of the key that loses it. */
export interface Question {
  title: string
  text: string
  verb: string
}

const TYPED: Question = { title: '还没有提交', text: '关闭以后，填写的内容会丢失。', verb: '不要了，关闭' }

/** Nobody who wants to leave waits for longer. */
const KEEP_MS = 3_000

/**
 * Asks before what was typed is lost, by Back, reload or another page. `keep` may keep it instead, and then nothing is asked; `closing`: it is
 * not kept yet. `free` lets go without asking.
 */
export function useLeaving(
  dirty: boolean,
  { title, text, verb }: Question,
  keep?: () => Promise<boolean>,
  closing = dirty,
) {
  const [leave, setLeave] = useState<(() => void) | null>(null)
  const freed = useRef(false)
  const keeping = useRef(keep)
  keeping.current = keep
  const guard = useCallback((go: () => void) => {
    if (freed.current) return go()
    const ask = () => setLeave(() => go)
    if (!keeping.current) return ask()
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, KEEP_MS, false))
    Promise.race([keeping.current(), late]).then((kept) => (kept ? go() : ask()), ask)
  }, [])
  useGuard(dirty, guard, closing)
  const question = leave && (
    <Confirm
      title={title}
      consequence={<p>{text}</p>}
      verb={verb}
      danger
      act={async () => leave()}
      onClose={() => setLeave(null)}
    />
  )
  return {
    question,
    ask: (then: () => void) => (dirty ? guard(then) : then()),
    stay: () => setLeave(null),
    free(then: () => void) {
      freed.current = true
      then()
    },
  }
}

interface ConfirmProps {
  title: string
  /** what will happen, in full sentences */
  consequence: ReactNode
  /** on the key: the verb itself, never 确定 */
  verb: string
  danger?: boolean
  /** asks for a word to whoever reads it later */
  note?: { label: string; required: boolean }
  /** `note` is undefined when nothing was written. What it throws is said in the dialog, which stays open. */
  act(note: string | undefined): Promise<void>
  onClose(): void
}

/** A question before something that matters: names its consequence, does it once, and says when it failed. */
export function Confirm({ title, consequence, verb, danger, note, act, onClose }: ConfirmProps) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const missing = note?.required && text.trim() === ''
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    if (missing) return setFault('请先写明原因')
    setBusy(true)
    setFault(undefined)
    try {
      await act(text.trim() || undefined)
      onClose()
    } catch (error) {
      setBusy(false)
      setFault(sentenceOf(error))
    }
  }
  return (
    <Dialog title={title} onClose={onClose} held={busy}>
      <form onSubmit={submit}>
        <div className="c-dialog__text">{consequence}</div>
        {note && (
          <TextArea label={note.label} optional={!note.required} maxLength={200} value={text} onText={setText} />
        )}
        <Fault text={fault} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind={danger ? 'danger' : 'main'} busy={busy}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What went wrong, read out at once. */
export function Fault({ text }: { text: string | undefined }) {
  return (
    <div role="alert" className="c-fault-place">
      {text && (
        <p className="c-fault">
          <span aria-hidden="true">! </span>
          {text}
        </p>
      )}
    </div>
  )
}

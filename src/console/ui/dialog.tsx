import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { sentenceOf } from '../sentences'
import { Button } from './button'
import { TextArea } from './field'

interface DialogProps {
  title: string
  children: ReactNode
  /** also Esc; not called while `held` */
  onClose(): void
  /** a request is under way: it can't be closed */
  held?: boolean
  wide?: boolean
}

/** The browser's own modal: focus stays inside and returns to where it was, Esc closes, the page behind is inert. */
export function Dialog({ title, children, onClose, held, wide }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const id = useId()
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
      onCancel={(event) => {
        event.preventDefault()
        if (!held) onClose()
      }}
    >
      <h2 id={id} className="c-dialog__title">
        {title}
      </h2>
      {children}
    </dialog>
  )
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

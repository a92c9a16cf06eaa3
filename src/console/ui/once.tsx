import { useEffect, useRef, useState } from 'react'
import { serverNow } from '../../server-time'
import { Button } from './button'
import { Dialog } from './dialog'

/** More characters than this don't fit a line at full size; a binding code has eight, a password nineteen. */
const LONG = 12

/** `95` s → `1:35` */
const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`

interface OnceProps {
  title: string
  /** what it is, e.g. 绑定码 */
  label: string
  text: string
  /** what to do with it, in full sentences */
  lines: readonly string[]
  /** ISO moment when it ends; without one it doesn't */
  expiresAt?: string
  onClose(): void
}

/** What is told only once: large, to be copied or read out, with the time it has left. Esc and Back ask before they take it away. */
export function Once({ title, label, text, lines, expiresAt, onClose }: OnceProps) {
  const leftS = useLeft(expiresAt)
  const over = leftS === 0
  return (
    <Dialog
      title={title}
      onClose={onClose}
      asks={{ title: `${label}记下了吗？`, text: '关闭以后不再显示，只能重新发一个。', verb: '已记下' }}
    >
      <p className="heard">{label}</p>
      <output className={`c-once ${text.length > LONG ? 'c-once--long' : ''} ${over ? 'c-once--over' : ''}`}>
        {text}
      </output>
      <div className="c-once__under">
        {leftS !== undefined && (
          <span role="timer" className={over ? 'c-once__ended' : undefined}>
            {over ? '已过期，请重新发一个' : `剩余 ${clock(leftS)}`}
          </span>
        )}
        {!over && <Copy text={text} label={label} />}
      </div>
      <div className="c-dialog__text">
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <div className="c-dialog__keys">
        <Button kind="main" onClick={onClose}>
          已记下，关闭
        </Button>
      </div>
    </Dialog>
  )
}

/** Seconds left, counting down; undefined without an end. */
function useLeft(expiresAt: string | undefined): number | undefined {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    if (!expiresAt) return
    const timer = setInterval(() => setNow(serverNow()), 1_000)
    return () => clearInterval(timer)
  }, [expiresAt])
  return expiresAt === undefined ? undefined : Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1_000))
}

/** Copies a text and says so. Where the browser doesn't let it (no HTTPS), it says to do it by hand. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState('')
  const here = useRef(true)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  async function copy() {
    const copied = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => true,
      () => false,
    )
    if (here.current) setSaid(copied ? '已复制' : '浏览器不允许复制，请选中后手动复制')
  }
  return (
    <span className="c-copy">
      <Button onClick={() => void copy()}>{`复制${label}`}</Button>
      <span role="status" className="c-copy__said">
        {said}
      </span>
    </span>
  )
}

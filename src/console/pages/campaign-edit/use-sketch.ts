import type { SketchFound, SketchView, SketchWritten } from '@contract'
import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { serverNow } from '../../../api'
import { ConsoleError, call, get } from '../../client'
import { sessions } from '../../session'

/** Long enough that a word is typed to its end. */
const TYPING_MS = 800
/** A network that is gone for a moment is soon back. */
const RETRY_MS = 8_000
/** From then on it is said that it takes long. */
const SLOW_MS = 3_000
/** Our own write of which the reply was lost is found once; more often is somebody else. */
const MOST_TRIES = 3

/** Which tab wrote a sketch: a write whose reply was lost is known by it for one's own. */
const TAB = crypto.getRandomValues(new Uint32Array(2)).join('-')

/** How what is typed is kept. */
export type Kept =
  | { kind: 'nothing' }
  | { kind: 'typing' }
  | { kind: 'saving'; slow: boolean }
  | { kind: 'kept'; at: number }
  | { kind: 'failed'; fault: unknown }
  /** another tab wrote it meanwhile: nothing is kept until it is settled */
  | { kind: 'elsewhere'; sketch: SketchView }

const pathOf = (name: string) => `/admin/sketches/${encodeURIComponent(name)}`
/** the last write of this tab: a form that was left in the same breath is kept while the next page opens already */
let writing: Promise<void> = Promise.resolve()
/** When what this tab wrote has arrived, or failed. */
export const allWritten = () => writing

const lying = async (name: string) => (await get<SketchFound>(pathOf(name))).sketch
export const readSketch = (name: string) => writing.then(() => lying(name))
export const dropSketch = (name: string) => call<undefined>(pathOf(name), { method: 'DELETE' })

type Content = Record<string, unknown>

/**
 * Keeps a form on the server as it is typed. `wanted` null: there is nothing of one's own to keep. `flush` keeps it at once: false when it
 * couldn't. Who saves the form itself calls `settle` first, so that no late write brings it back. `takeOver`: what another tab wrote has
 * been taken into the form.
 * `stored`: what this tab last wrote or found.
 */
export function useSketch(name: string, found: SketchView | null, wanted: Content | null) {
  const [kept, setKept] = useState<Kept>(
    found ? { kind: 'kept', at: Date.parse(found.updatedAt) } : { kind: 'nothing' },
  )
  const writer = useMemo(() => new Writer(name, found, setKept), [name, found])
  const text = wanted && JSON.stringify(wanted)
  useLayoutEffect(() => writer.want(text), [writer, text])
  useEffect(() => {
    const again = () => void writer.flush()
    const loggedIn = sessions.subscribe(() => sessions.get() && again())
    window.addEventListener('online', again)
    return () => {
      loggedIn()
      window.removeEventListener('online', again)
      writer.stop()
    }
  }, [writer])
  const flush = useCallback(() => writer.flush(), [writer])
  const settle = useCallback(() => writer.settle(), [writer])
  const takeOver = useCallback((sketch: SketchView) => writer.takeOver(sketch), [writer])
  const saved = useCallback(() => writer.saved(), [writer])
  const stored = useCallback(() => writer.content(), [writer])
  return { kept, flush, settle, saved, takeOver, stored }
}

/** One write at a time, each of the newest. */
class Writer {
  private revision: number
  private stored: string | null
  private wanted: string | null = null
  private running: Promise<void> | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private ended = false
  /** another tab wrote, and nobody has settled it */
  private apart = false
  /** whose it is: whoever logs in next at this desk writes none of it as theirs */
  private readonly owner = sessions.worker()?.username

  constructor(
    private readonly name: string,
    found: SketchView | null,
    private readonly say: (kept: Kept) => void,
  ) {
    this.revision = found?.revision ?? 0
    this.stored = found && JSON.stringify(found.content)
  }

  /** What the form holds now. */
  want(text: string | null): void {
    if (text === null || text === this.wanted) return
    this.wanted = text
    if (this.apart || text === this.stored) return
    this.say({ kind: 'typing' })
    this.later(TYPING_MS)
  }

  /** The form is closed: what isn't kept yet goes out now. */
  stop(): void {
    void this.flush()
    this.ended = true
    clearTimeout(this.timer)
  }

  /** The form itself was saved: there is nothing to keep until something is typed. */
  saved(): void {
    this.wanted = null
    clearTimeout(this.timer)
  }

  takeOver(sketch: SketchView): void {
    this.revision = sketch.revision
    this.stored = JSON.stringify(sketch.content)
    this.apart = false
    this.later(0)
  }

  /** What lies there, as far as this tab knows. */
  content(): Content | null {
    return this.stored === null ? null : (JSON.parse(this.stored) as Content)
  }

  /** Waits for what is under way and begins nothing new. */
  async settle(): Promise<void> {
    clearTimeout(this.timer)
    await this.running
    // one that failed would have come again by itself
    clearTimeout(this.timer)
  }

  async flush(): Promise<boolean> {
    clearTimeout(this.timer)
    if (sessions.get()?.operator.username !== this.owner) return false
    if (!this.apart && this.wanted !== null && this.wanted !== this.stored) {
      this.running ??= this.write().finally(() => {
        this.running = null
      })
      writing = this.running
      await this.running
    }
    return !this.apart && (this.wanted === this.stored || this.wanted === null)
  }

  private later(ms: number): void {
    clearTimeout(this.timer)
    if (!this.ended) this.timer = setTimeout(() => void this.flush(), ms)
  }

  private async write(): Promise<void> {
    const slow = setTimeout(() => this.say({ kind: 'saving', slow: true }), SLOW_MS)
    this.say({ kind: 'saving', slow: false })
    try {
      for (let tries = 1; this.wanted !== null && this.wanted !== this.stored; ) {
        const sending = this.wanted
        const refused = await this.put(sending)
        if (!refused) this.stored = sending
        else if (!(await this.isOwn()) || ++tries > MOST_TRIES) return
      }
      this.say({ kind: 'kept', at: serverNow() })
    } catch (fault) {
      this.say({ kind: 'failed', fault })
      this.later(RETRY_MS)
    } finally {
      clearTimeout(slow)
    }
  }

  /** True: something else lies there. */
  private async put(text: string): Promise<boolean> {
    const body = { content: { ...(JSON.parse(text) as Content), tab: TAB } }
    try {
      const written = await call<SketchWritten>(pathOf(this.name), { method: 'PUT', body, ifMatch: this.revision })
      this.revision = written.revision
      return false
    } catch (fault) {
      if (fault instanceof ConsoleError && fault.code === 'revision-changed') return true
      throw fault
    }
  }

  /** Whether what lies there is one's own, or nothing: then it is written over. */
  private async isOwn(): Promise<boolean> {
    const sketch = await lying(this.name)
    if (sketch && sketch.content.tab !== TAB) {
      this.apart = true
      this.say({ kind: 'elsewhere', sketch })
      return false
    }
    this.revision = sketch?.revision ?? 0
    return true
  }
}

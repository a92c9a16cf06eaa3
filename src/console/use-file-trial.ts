import { type ChangeEvent, useRef, useState } from 'react'
import { call } from './client'
import { bytesOf } from './file-bytes'
import { sentenceOf } from './sentences'

/** A hundred thousand lines are checked in well under this. */
const TIMEOUT_MS = 300_000

export interface Trial<View> {
  fileName: string
  /** its bytes as they were tried: what is imported later is what was looked at, whatever happens to the file */
  bytes: Blob
  view: View
}

/** A table that is sent to `path`: first what would happen, then, confirmed, all of it or nothing. */
export function useFileTrial<View extends { faultCount: number }>(path: string) {
  const [trial, setTrial] = useState<Trial<View>>()
  const [done, setDone] = useState<View>()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const input = useRef<HTMLInputElement>(null)

  const send = (bytes: Blob, dryRun: boolean) =>
    call<View>(path, { method: 'POST', query: { dryRun: String(dryRun) }, csv: bytes, timeoutMs: TIMEOUT_MS })

  async function choose({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0]
    // the same file, corrected, must be chosen anew
    target.value = ''
    if (!file) return
    setBusy(true)
    setTrial(undefined)
    setDone(undefined)
    setFault(undefined)
    try {
      const bytes = new Blob([await bytesOf(file)])
      setTrial({ fileName: file.name, bytes, view: await send(bytes, true) })
    } catch (error) {
      setFault(error instanceof DOMException ? '文件读不出来，请重新选择' : sentenceOf(error))
    }
    setBusy(false)
  }

  /** Undefined: something has changed since the trial, and now there are faults. */
  async function take({ bytes }: Trial<View>): Promise<View | undefined> {
    const view = await send(bytes, false)
    if (view.faultCount > 0) {
      setTrial((before) => before && { ...before, view })
      return undefined
    }
    setTrial(undefined)
    setDone(view)
    return view
  }

  /** of the hidden field that a key opens */
  const field = {
    ...{ ref: input, className: 'heard', type: 'file', accept: '.csv,text/csv', tabIndex: -1 },
    ...{ 'aria-label': 'CSV 文件', onChange: (event: ChangeEvent<HTMLInputElement>) => void choose(event) },
  }
  return { trial, done, busy, fault, take, field, open: () => input.current?.click() }
}

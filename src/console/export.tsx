import { useEffect, useRef, useState } from 'react'
import type { Query } from './client'
import { download, type Progress } from './download'
import { count } from './format'
import { Button, toast } from './ui'

interface ExportProps {
  /** of the list, without its ending: there is a `.csv` and an `.xlsx` of it */
  path: string
  /** the filters that the list is shown by */
  query: Query
  /** what the file is called unless the server says */
  name: string
}

/** 导出: all rows of what is shown, as a workbook or as CSV. It says how far it is, and can be cancelled. */
export function Export({ path, query, name }: ExportProps) {
  const [at, setAt] = useState<Progress | null>(null)
  const running = useRef<AbortController>()
  // who leaves the page has no use for the rest of it
  useEffect(() => () => running.current?.abort(), [])

  async function start(ending: 'xlsx' | 'csv') {
    const abort = new AbortController()
    running.current = abort
    setAt({ bytes: 0, rows: null })
    const watch = { signal: abort.signal, onProgress: setAt }
    await download(`${path}.${ending}`, query, `${name}.${ending}`, watch).then(
      (saved) => (saved ? toast.ok('已导出') : undefined),
      (fault) => toast.fault(fault),
    )
    setAt(null)
  }

  if (at)
    return (
      <span className="c-row" role="status">
        <span className="c-quiet">{saidOf(at)}</span>
        <Button onClick={() => running.current?.abort()}>取消导出</Button>
      </span>
    )
  return (
    <>
      <Button onClick={() => void start('xlsx')}>导出 Excel</Button>
      <Button onClick={() => void start('csv')}>导出 CSV</Button>
    </>
  )
}

function saidOf({ bytes, rows }: Progress): string {
  const of = rows === null ? '' : `，共 ${count(rows)} 行`
  return bytes === 0 ? `正在导出${of}…` : `已收到 ${(bytes / 1_048_576).toFixed(1)} MB${of}…`
}

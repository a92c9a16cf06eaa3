import { authorized, ConsoleError, type Query, refusalOf } from './client'

export interface Progress {
  bytes: number
  /** how many rows the file will have; null: nobody knows before it is there */
  rows: number | null
}

export interface Watch {
  signal?: AbortSignal
  onProgress?(progress: Progress): void
}

/** Waiting for one's turn, and a large file over a thin line. */
const TIMEOUT_MS = 300_000

/**
 * Saves what the server streams as a file: a link could not carry the token. A file that breaks off is not saved. False: it was
 * cancelled. Throws {@link ConsoleError} as every call.
 */
export async function download(path: string, query: Query, fallbackName: string, watch: Watch = {}): Promise<boolean> {
  const { signal } = watch
  try {
    const response = await authorized(path, { query, timeoutMs: TIMEOUT_MS, signal })
    if (!response.ok) throw refusalOf(response, await response.json().catch(() => undefined))
    const file = await received(response, watch)
    if (signal?.aborted) return false
    save(file, nameOf(response.headers.get('content-disposition')) ?? fallbackName)
    return true
  } catch (fault) {
    if (signal?.aborted) return false
    throw fault instanceof ConsoleError ? fault : new ConsoleError('problem', 'file-broken-off')
  }
}

async function received(response: Response, { onProgress }: Watch): Promise<Blob> {
  const reader = response.body?.getReader()
  if (!reader) return response.blob()
  const rows = Number(response.headers.get('x-total-count') ?? Number.NaN)
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let bytes = 0; ; ) {
    onProgress?.({ bytes, rows: Number.isNaN(rows) ? null : rows })
    const { done, value } = await reader.read()
    if (done) return new Blob(parts)
    parts.push(value)
    bytes += value.length
  }
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** `attachment; filename="a.csv"` → `a.csv` */
function nameOf(disposition: string | null): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1]
  return encoded ? decodeURIComponent(encoded) : /filename="?([^";]+)"?/i.exec(disposition ?? '')?.[1]
}

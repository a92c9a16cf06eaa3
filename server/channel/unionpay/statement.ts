import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflate as inflateWith } from 'node:zlib'
import { type StatementLine, totalsOf } from '../../domain/match'
import type { Clock, FetchedStatement, StatementRefusal, StatementSource } from '../../flow/ports'
import { unzip, ZipRefused } from '../zip'
import { fieldsOf, type UnionPayClient } from './client'
import { anyReply, fileReply, type UnionPayConfig } from './schema'
import { reportOf, rowsOf, sameSums, sumsOf } from './statement-file'
import { CUT_BEFORE_MS, timeOf } from './time'

type Options = Pick<UnionPayConfig, 'filesUrl' | 'merId' | 'timeoutMs' | 'reconcileFromMs'> & {
  clock: Clock
  dir: string
}

const inflate = promisify(inflateWith)
const GBK = new TextDecoder('gbk', { fatal: true })
/** A hundred thousand rows of 600 bytes; packed they have a tenth. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
const MAX_REPLY_BYTES = 16 * 1024 * 1024
/** A file takes longer than a payment. */
const PATIENCE = 10

/** The day's statement (文件传输, 76): a zip in a signed answer. Its rows count when they come to the report's totals. */
export function statements(
  { signed, verify }: UnionPayClient,
  { filesUrl, merId, timeoutMs, reconcileFromMs, clock, dir }: Options,
): StatementSource {
  async function ask(date: string): Promise<string | undefined> {
    const fields = signed({
      ...{ txnType: '76', txnSubType: '01', bizType: '000000' },
      merId,
      txnTime: timeOf(clock.now()),
      settleDate: date.slice(5).replace('-', ''),
      fileType: '00',
    })
    try {
      const signal = AbortSignal.timeout(PATIENCE * timeoutMs)
      const reply = await fetch(filesUrl, {
        method: 'POST',
        body: new URLSearchParams(fields),
        redirect: 'error',
        signal,
      })
      return reply.status === 200 && reply.body ? await textOf(reply.body) : undefined
    } catch {
      return undefined
    }
  }

  return {
    reconcileFromMs,
    cutBeforeMs: CUT_BEFORE_MS,
    async fetchStatement(date, onBytes): Promise<FetchedStatement> {
      const said = verify(fieldsOf((await ask(date)) ?? ''))
      const code = anyReply.safeParse(said).data?.respCode
      if (!said || code === undefined) return refused('statement-unavailable', 'no answer that UnionPay signed')
      // Also of a day that had no trade, for a while: nobody says which of the two it is.
      if (code === '98') return refused('statement-not-ready', date)
      if (code !== '00') return refused('statement-unavailable', `respCode ${code}`)
      const told = fileReply.safeParse(said)
      if (!told.success) return refused('statement-manifest-malformed', told.error.message)
      if (told.data.settleDate !== date.slice(5).replace('-', ''))
        return refused('statement-wrong-date', told.data.settleDate)
      const file = await filesOf(told.data.fileContent)
      if (typeof file === 'string') return refused('statement-malformed', file)
      const report = reportOf(file.report)
      if (!report) return refused('statement-manifest-malformed', 'its report is none')
      if (report.date !== date) return refused('statement-wrong-date', report.date)
      if (report.merId !== merId) return refused('statement-manifest-malformed', `of ${report.merId}`)
      const rows = rowsOf(file.rows.toString('latin1'), date)
      if (!rows) return refused('statement-malformed', 'a row is none, or is not what it comes to')
      if (!sameSums(sumsOf(rows), report.sums)) return refused('statement-wrong-totals', JSON.stringify(report.sums))
      onBytes?.(file.rows.length, file.rows.length)
      return fetched(
        dir,
        date,
        file.rows,
        rows.map(({ line }) => line),
      )
    },
  }
}

/** Written down as it came. */
async function fetched(dir: string, date: string, file: Buffer, lines: StatementLine[]): Promise<FetchedStatement> {
  const sha256 = createHash('sha256').update(file).digest('hex')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const kept = join(dir, `unionpay-${date}-${sha256.slice(0, 12)}.txt`)
  await writeFile(kept, file, { mode: 0o600 })
  const manifest = { date, sha256, bytes: file.length, lines: lines.length, totals: totalsOf(lines) }
  return { kind: 'fetched', manifest, file: kept, batches: () => once(lines) }
}

/** base64 of a deflated zip, of which two files are ours to read: the rows and their report. Text: why it isn't. */
async function filesOf(content: string): Promise<{ rows: Buffer; report: string } | string> {
  try {
    const zip = await inflate(Buffer.from(content, 'base64'), { maxOutputLength: MAX_FILE_BYTES })
    const entries = await unzip(zip, { entries: 16, bytes: MAX_FILE_BYTES })
    const named = (pattern: RegExp) => entries.filter(({ name }) => pattern.test(name.toString('latin1')))
    const [rows, report] = [named(/^INN\d{6}88ZM_\w{15}$/), named(/^RD\w{12,14}_\w{15}$/)]
    if (rows.length !== 1 || report.length !== 1) return 'it has not one file of rows and one report'
    return { rows: rows[0]!.data, report: GBK.decode(report[0]!.data) }
  } catch (error) {
    return error instanceof ZipRefused ? error.message : 'it can not be unpacked'
  }
}

/** @throws when it is longer than any statement */
async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > MAX_REPLY_BYTES) throw new Error('too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function* once(lines: StatementLine[]): AsyncGenerator<StatementLine[]> {
  if (lines.length > 0) yield lines
}

function refused(code: StatementRefusal, detail: string): FetchedStatement {
  return { kind: 'refused', code, detail }
}

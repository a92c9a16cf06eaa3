import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CURRENCY, ourNo } from '../../../server/domain/channel'
import { type StatementLine, totalsOf } from '../../../server/domain/match'
import type { FetchedStatement, StatementRefusal, StatementSource } from '../../../server/flow/ports'
import type { ToyClient } from './client'
import { refusalOf } from './outcome'
import { billReply, type ToyConfig } from './schema'

type Options = Pick<ToyConfig, 'baseUrl' | 'timeoutMs' | 'reconcileFromMs'> & { dir: string }

/** The wallet's bills: a signed manifest, then the file, which counts for its hash. Nobody sees a line until all of it fits. */
export function statements(
  { exchange, sign }: ToyClient,
  { baseUrl, timeoutMs, reconcileFromMs, dir }: Options,
): StatementSource {
  async function fileOf(date: string): Promise<Buffer | undefined> {
    const url = new URL(`${baseUrl.replace(/\/$/, '')}/v1/bills/${date}/file`)
    const { headers } = sign('GET', url.pathname, '')
    const reply = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined)
    return reply?.ok ? Buffer.from(await reply.arrayBuffer()) : undefined
  }

  return {
    reconcileFromMs,
    cutBeforeMs: 0,
    async fetchStatement(date): Promise<FetchedStatement> {
      const manifest = await exchange('GET', `/v1/bills/${date}`)
      if (refusalOf(manifest) === 'bill-not-ready') return refused('statement-not-ready', date)
      if (manifest.kind === 'failed' || manifest.status !== 200) return refused('statement-unavailable', 'its manifest')
      const told = billReply.safeParse(manifest.said)
      if (!told.success) return refused('statement-manifest-malformed', told.error.message)
      if (told.data.date !== date) return refused('statement-wrong-date', told.data.date)
      const { sha256, bytes } = told.data
      const file = await fileOf(date)
      if (!file) return refused('statement-unavailable', 'its file')
      if (file.length < bytes) return refused('statement-truncated', `${file.length} of ${bytes} bytes`)
      if (file.length > bytes) return refused('statement-too-long', `more than ${bytes} bytes`)
      if (createHash('sha256').update(file).digest('hex') !== sha256) return refused('statement-tampered', sha256)
      const lines = linesOf(file.toString('utf8'), date)
      if (!lines) return refused('statement-malformed', 'a line is none, or the trailer is not their sum')
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const kept = join(dir, `toy-${date}-${sha256.slice(0, 12)}.csv`)
      await writeFile(kept, file, { mode: 0o600 })
      const all = { date, sha256, bytes, lines: lines.length, totals: totalsOf(lines) }
      return { kind: 'fetched', manifest: all, file: kept, batches: () => once(lines) }
    },
  }
}

const ROW =
  /^(PAY|REFUND),([A-Za-z0-9]{6,32}),([A-Za-z0-9]{0,32}),(\w{1,64}),(\d{13}),([\w-]{1,64}),CNY,([1-9]\d{0,9})$/

/** Header, lines, a trailer with their number and sums. Undefined when anything of it is otherwise. */
function linesOf(text: string, date: string): StatementLine[] | undefined {
  const [header, ...rows] = text.split('\n')
  if (header !== `TOY-BILL,${date}` || rows.pop() !== '') return undefined
  const trailer = rows.pop()
  const lines = rows.flatMap((row, i) => lineOf(row, i + 1) ?? [])
  const sum = (kind: StatementLine['kind']) =>
    lines.filter((line) => line.kind === kind).reduce((fen, line) => fen + Math.abs(line.payerFen), 0)
  return trailer === `END,${rows.length},${sum('clearing')},${sum('refund')}` && lines.length === rows.length
    ? lines
    : undefined
}

function lineOf(row: string, lineNo: number): StatementLine | undefined {
  const [, kind, number = '', refundNumber = '', channelTradeNo = '', at, merchantAccount = '', fen] =
    ROW.exec(row) ?? []
  if (!kind) return undefined
  const payerFen = kind === 'PAY' ? -Number(fen) : Number(fen)
  return {
    lineNo,
    kind: kind === 'PAY' ? 'clearing' : 'refund',
    orderNo: ourNo(number) ?? number,
    refundNo: refundNumber === '' ? null : (ourNo(refundNumber) ?? refundNumber),
    channelTradeNo,
    bookedAt: Number(at),
    payerFen,
    glFen: 0,
    merchantFen: -payerFen,
    glAccount: null,
    merchantAccount,
    payerTail: null,
    currency: CURRENCY,
  }
}

async function* once(lines: StatementLine[]): AsyncGenerator<StatementLine[]> {
  if (lines.length > 0) yield lines
}

function refused(code: StatementRefusal, detail: string): FetchedStatement {
  return { kind: 'refused', code, detail }
}

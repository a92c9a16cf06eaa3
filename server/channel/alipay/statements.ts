import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { isLoopback } from '../../domain/address'
import { endOfBusinessDate } from '../../domain/business-date'
import { type StatementLine, totalsOf } from '../../domain/match'
import { type Clock, type FetchedStatement, isTrusted, type StatementSource } from '../../flow/ports'
import { unzip, ZipRefused } from '../zip'
import { BillRefused, billLines, withoutExportTime } from './bill'
import type { AlipayClient } from './client'
import { type AlipayConfig, billReply } from './schema'

type Options = AlipayConfig & { clock: Clock; dir: string }

/** A few hundred thousand rows: what is more comes from nobody who means well. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
/** The detail and its summary; a few more for what Alipay may add. */
const ZIP = { entries: 8, bytes: 4 * MAX_FILE_BYTES }
/** Its address lives for 30 s. */
const FILE_TIMEOUT_MS = 60_000
/** Before ten in the morning, or by a clock in doubt, a bill that isn't there isn't made yet; from then on there was no trade. */
const MADE_AFTER_MS = 10 * 3_600_000
const NO_BILL = new Set(['isv.bill-not-exist', 'BILL_NOT_EXIST', 'NO_BILL_DATA'])
const BATCH_LINES = 5_000
const GBK = new TextDecoder('gbk', { fatal: true })

/** Alipay's bills: the address of a zip under its signature, then the zip, which nobody signed; it counts when all of it fits. */
export function statements({ exchange }: AlipayClient, options: Options): StatementSource {
  async function textOf(date: string): Promise<string | null> {
    const made = options.clock.now() - endOfBusinessDate(date)
    if (made < 0) throw new BillRefused('statement-not-ready', `${date} is not over`)
    const reply = await exchange('alipay.data.dataservice.bill.downloadurl.query', {
      bill_type: 'trade',
      bill_date: date,
    })
    if (reply.kind === 'refused' && NO_BILL.has(reply.subCode)) {
      if (made < MADE_AFTER_MS || !isTrusted(options.clock))
        throw new BillRefused('statement-not-ready', `the bill of ${date} is not made yet`)
      return null
    }
    if (reply.kind !== 'answered')
      throw new BillRefused(
        'statement-unavailable',
        reply.kind === 'failed' ? reply.code : `${reply.code} ${reply.subCode}`,
      )
    const told = billReply.safeParse(reply.said)
    if (!told.success) throw new BillRefused('statement-manifest-malformed', told.error.message)
    return detailOf(await download(addressOf(told.data.bill_download_url)), date)
  }

  return {
    reconcileFromMs: options.reconcileFromMs,
    cutBeforeMs: 0,
    async fetchStatement(date): Promise<FetchedStatement> {
      try {
        const text = await textOf(date)
        const lines = text === null ? [] : billLines(text, { ...options, date })
        return await kept(options.dir, date, text ?? '', lines)
      } catch (error) {
        if (error instanceof BillRefused) return { kind: 'refused', code: error.code, detail: error.message }
        throw error
      }
    },
  }
}

/** Alipay's own hosts, over TLS though it may say http; a sandbox's on this machine. */
function addressOf(url: string): URL {
  const address = new URL(url)
  if (isLoopback(address.hostname)) return address
  if (!/(^|\.)(alipay|alipaydev)\.com$/.test(address.hostname))
    throw new BillRefused('statement-manifest-malformed', `its address is at ${address.hostname}`)
  address.protocol = 'https:'
  return address
}

async function download(url: URL): Promise<Buffer> {
  const unavailable = (why: string) => new BillRefused('statement-unavailable', `file: ${why}`)
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(FILE_TIMEOUT_MS) })
    if (statusCode !== 200) {
      await body.dump()
      throw unavailable(`status ${statusCode}`)
    }
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of body as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > MAX_FILE_BYTES) throw new BillRefused('statement-too-long', `more than ${MAX_FILE_BYTES} bytes`)
      parts.push(part)
    }
    return Buffer.concat(parts)
  } catch (error) {
    throw error instanceof BillRefused ? error : unavailable((error as Error).message)
  }
}

/** The detail among the zip's files, whose names are GBK without saying so: `<seller>_<yyyymmdd>_业务明细.csv`. */
async function detailOf(zip: Buffer, date: string): Promise<string> {
  try {
    const files = await unzip(zip, ZIP)
    const details = files.filter(({ name }) => /^\d{16,20}_\d{8}_业务明细\.csv$/.test(GBK.decode(name)))
    const [detail] = details
    if (details.length !== 1 || !detail)
      throw new BillRefused('statement-malformed', `it has ${details.length} details`)
    if (!GBK.decode(detail.name).includes(`_${date.replaceAll('-', '')}_`))
      throw new BillRefused('statement-wrong-date', `the file is ${GBK.decode(detail.name)}`)
    return GBK.decode(detail.data)
  } catch (error) {
    if (error instanceof BillRefused) throw error
    if (error instanceof ZipRefused || error instanceof TypeError)
      throw new BillRefused('statement-malformed', `its zip: ${error.message}`)
    throw error
  }
}

async function kept(dir: string, date: string, text: string, lines: StatementLine[]): Promise<FetchedStatement> {
  const content = withoutExportTime(text)
  const sha256 = createHash('sha256').update(content).digest('hex')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, `alipay-${date}-${sha256.slice(0, 12)}.csv`)
  await writeFile(file, content, { mode: 0o600 })
  const manifest = { date, sha256, bytes: Buffer.byteLength(content), lines: lines.length, totals: totalsOf(lines) }
  return { kind: 'fetched', manifest, file, batches: () => inBatches(lines) }
}

async function* inBatches(lines: StatementLine[]): AsyncGenerator<StatementLine[]> {
  for (let at = 0; at < lines.length; at += BATCH_LINES) yield lines.slice(at, at + BATCH_LINES)
}

import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ourNo } from '../../domain/channel'
import { addTotals, NO_TOTALS, type StatementLine, type Totals, totalsOf } from '../../domain/match'
import type { FetchedStatement, StatementSource } from '../../flow/ports'
import { download } from './bill-download'
import { BillRefused, linesOf } from './bill-file'
import { refusalOf, type WechatpayClient } from './client'
import { billReply, type WechatpayConfig } from './schema'

type Options = Pick<WechatpayConfig, 'baseUrl' | 'mchId' | 'reconcileFromMs'> & { dir: string }

/**
 * WeChat Pay's trade bills, of all sub-merchants: a signed reply with hash and address, then the file. Nobody sees a line of it until all of
 * it is read, fits the hash, and adds up to its own totals. A file that passed is kept under its date and hash, for the record.
 */
export function statements(client: WechatpayClient, options: Options): StatementSource {
  const { baseUrl, mchId, dir, reconcileFromMs } = options

  /** Null: no trade on that day, which has no bill. */
  async function placeOf(date: string): Promise<{ url: URL; sha1: string } | null> {
    const told = await client.exchange('GET', `/v3/bill/tradebill?bill_date=${date}&bill_type=ALL&tar_type=GZIP`)
    const code = refusalOf(told)
    if (code === 'NO_STATEMENT_EXIST') return null
    if (code === 'STATEMENT_CREATING') throw new BillRefused('statement-not-ready', `the bill of ${date} is being made`)
    if (told.kind === 'failed') throw new BillRefused('statement-unavailable', `its address: ${told.code}`)
    if (told.status !== 200) throw new BillRefused('statement-unavailable', `its address: ${told.status} ${code}`)
    const said = billReply.safeParse(told.said)
    if (!said.success) throw new BillRefused('statement-manifest-malformed', said.error.message)
    const url = new URL(said.data.download_url)
    // What we sign is for WeChat Pay alone.
    if (url.origin !== new URL(baseUrl).origin)
      throw new BillRefused('statement-manifest-malformed', 'its address is another host’s')
    return { url, sha1: said.data.hash_value }
  }

  async function fetched(date: string, onBytes?: (done: number, total: number) => void): Promise<FetchedStatement> {
    const place = await placeOf(date)
    await mkdir(dir, { recursive: true, mode: 0o700 })
    if (!place) return none(date, join(dir, `wechatpay-${date}-none.csv`))
    const part = join(dir, `${randomUUID()}.part`)
    try {
      const { sha256, bytes } = await download(client, place, part, onBytes)
      const all = await sumOf(linesOf(part, mchId))
      const file = join(dir, `wechatpay-${date}-${sha256.slice(0, 12)}.csv`)
      await rename(part, file)
      return {
        kind: 'fetched',
        manifest: { date, sha256, bytes, ...all },
        file,
        batches: () => ours(linesOf(file, mchId)),
      }
    } finally {
      await rm(part, { force: true })
    }
  }

  return {
    reconcileFromMs,
    cutBeforeMs: 0,
    async fetchStatement(date, onBytes) {
      try {
        return await fetched(date, onBytes)
      } catch (error) {
        if (error instanceof BillRefused) return { kind: 'refused', code: error.code, detail: error.message }
        throw error
      }
    },
  }
}

async function none(date: string, file: string): Promise<FetchedStatement> {
  await writeFile(file, '', { mode: 0o600 })
  const sha256 = createHash('sha256').digest('hex')
  return {
    kind: 'fetched',
    manifest: { date, sha256, bytes: 0, lines: 0, totals: NO_TOTALS },
    file,
    batches: async function* () {},
  }
}

/** Under our numbers; one that we never made stays theirs, and nothing is found under it. */
async function* ours(batches: AsyncIterable<StatementLine[]>): AsyncGenerator<StatementLine[]> {
  const named = (number: string) => ourNo(number) ?? number
  for await (const lines of batches)
    yield lines.map((line) => ({
      ...line,
      orderNo: named(line.orderNo),
      refundNo: line.refundNo === null ? null : named(line.refundNo),
    }))
}

async function sumOf(batches: AsyncIterable<StatementLine[]>) {
  let lines = 0
  let totals: Totals = NO_TOTALS
  for await (const batch of batches) {
    lines += batch.length
    totals = addTotals(totals, totalsOf(batch))
  }
  return { lines, totals }
}

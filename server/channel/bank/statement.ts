import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { jsonOf } from '../../domain/json'
import type { Clock, FetchedStatement, Random, StatementManifest, StatementSource } from '../../flow/ports'
import type { TlsOptions } from '../tls'
import { signedClient } from './client'
import { refusalCode } from './outcome'
import type { BankConfig } from './schema'
import { download } from './statement-download'
import { checkFile, linesOf, StatementRefused } from './statement-file'

export interface BankStatements extends StatementSource {
  stop(): Promise<void>
}

/** Totals of a day above ¥90 trillion are no totals. */
const fen = z.int()
const side = z.object({ count: z.int().min(0), payerFen: fen, glFen: fen, merchantFen: fen })
/** A gigabyte is ten million lines: what is more is a mistake, and would fill the disk. */
const MAX_BYTES = 1_000_000_000
const manifestReply = z.object({
  date: z.iso.date(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(MAX_BYTES),
  lines: z.int().min(0),
  totals: z.object({ clearing: side, refund: side }),
})

/**
 * The bank's statements (docs/bank-channel.md): a signed manifest, then the file, streamed into `dir` and checked before
 * anybody sees a line of it. A file that passed is kept there under its date and hash, for the record; a refused one is not.
 */
export function bankStatements(
  options: BankConfig & TlsOptions & { clock: Clock; random: Random; dir: string; reconcileFromMs?: number | null },
): BankStatements {
  const { exchange, now, stop } = signedClient(options)

  async function manifestOf(date: string): Promise<StatementManifest> {
    const reply = await exchange('GET', `/v1/statements/${date}`)
    if (reply.kind === 'failed') throw new StatementRefused('statement-unavailable', `manifest: ${reply.code}`)
    if (reply.status !== 200) {
      const code = refusalCode(reply.body)
      if (code === 'statement-not-ready') throw new StatementRefused(code, `the bank hasn't cut ${date} yet`)
      throw new StatementRefused('statement-unavailable', `manifest: status ${reply.status}, ${code}`)
    }
    const manifest = manifestReply.safeParse(jsonOf(reply.body))
    if (!manifest.success) throw new StatementRefused('statement-manifest-malformed', manifest.error.message)
    if (manifest.data.date !== date)
      throw new StatementRefused('statement-wrong-date', `asked for ${date}, told of ${manifest.data.date}`)
    return manifest.data
  }

  async function fetched(date: string, onBytes?: (done: number, total: number) => void): Promise<FetchedStatement> {
    const manifest = await manifestOf(date)
    mkdirSync(options.dir, { recursive: true, mode: 0o700 })
    const part = join(options.dir, `${randomUUID()}.part`)
    try {
      await download({ ...options, clock: { now } }, manifest, part, onBytes)
      await checkFile(part, manifest)
      const file = join(options.dir, `bank-${date}-${manifest.sha256.slice(0, 12)}.txt`)
      await rename(part, file)
      return { kind: 'fetched', manifest, file, batches: () => linesOf(file) }
    } finally {
      await rm(part, { force: true })
    }
  }

  return {
    stop,
    reconcileFromMs: options.reconcileFromMs ?? null,
    cutBeforeMs: 0,
    async fetchStatement(date, onBytes) {
      try {
        return await fetched(date, onBytes)
      } catch (error) {
        if (error instanceof StatementRefused) return { kind: 'refused', code: error.code, detail: error.message }
        throw error
      }
    },
  }
}

import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Client } from 'undici'
import type { Clock, Random, StatementManifest } from '../../flow/ports'
import { connector, type TlsOptions } from '../tls'
import type { BankConfig } from './schema'
import { HEADER, requestText, signer } from './sign'
import { StatementRefused } from './statement-file'

/** A gigabyte over a slow leased line; a bank that stops in the middle is given up after it. */
const FILE_TIMEOUT_MS = 15 * 60_000
const CONNECT_TIMEOUT_MS = 10_000

type Options = BankConfig & TlsOptions & { clock: Clock; random: Random }

/**
 * Streams the file of a manifest to disk, in constant memory. The request is signed like every other; of the answer only its
 * length and hash count, which the signed manifest has told. @throws StatementRefused
 */
export async function download(
  config: Options,
  { date, bytes, sha256 }: StatementManifest,
  file: string,
  onBytes?: (done: number, total: number) => void,
): Promise<void> {
  // A connection of its own, to the same bank and with the same certificates as every other.
  const line = new Client(new URL(config.baseUrl).origin, { connect: connector(config, CONNECT_TIMEOUT_MS) })
  try {
    const body = await open(line, config, `/v1/statements/${date}/file`)
    await keep(body, { bytes, sha256 }, file, onBytes)
  } finally {
    await line.destroy()
  }
}

async function keep(
  body: Readable,
  { bytes, sha256 }: Pick<StatementManifest, 'bytes' | 'sha256'>,
  file: string,
  onBytes?: (done: number, total: number) => void,
): Promise<void> {
  const hash = createHash('sha256')
  let length = 0
  const measured = new Transform({
    transform(chunk: Buffer, _, next) {
      length += chunk.length
      // The rest is not waited for: it could go on for ever.
      if (length > bytes) return next(new StatementRefused('statement-too-long', `more than ${bytes} bytes`))
      hash.update(chunk)
      onBytes?.(length, bytes)
      next(null, chunk)
    },
  })
  try {
    await pipeline(body, measured, createWriteStream(file, { mode: 0o600 }))
  } catch (error) {
    if (error instanceof StatementRefused || isOfDisk(error)) throw error
    throw new StatementRefused('statement-unavailable', `file: cut off after ${length} of ${bytes} bytes`)
  }
  if (length < bytes) throw new StatementRefused('statement-truncated', `${length} of ${bytes} bytes`)
  if (hash.digest('hex') !== sha256) throw new StatementRefused('statement-tampered', `its SHA-256 isn't ${sha256}`)
}

async function open(line: Client, config: Options, route: string) {
  const { clock, random, keyId, privateKey, baseUrl } = config
  const path = new URL(baseUrl).pathname.replace(/\/$/, '') + route
  const timestamp = String(clock.now())
  const nonce = Buffer.from(random(16)).toString('hex')
  const signature = signer(privateKey)(requestText({ method: 'GET', path, timestamp, nonce, body: '' }))
  const headers = {
    [HEADER.keyId]: keyId,
    [HEADER.timestamp]: timestamp,
    [HEADER.nonce]: nonce,
    [HEADER.signature]: signature,
  }
  const signal = AbortSignal.timeout(FILE_TIMEOUT_MS)
  const reply = await line.request({ method: 'GET', path, headers, signal }).catch((error: Error) => {
    throw new StatementRefused('statement-unavailable', `file: ${error.message}`)
  })
  if (reply.statusCode === 200) return reply.body
  await reply.body.dump()
  throw new StatementRefused('statement-unavailable', `file: status ${reply.statusCode}`)
}

/** A full or forbidden disk is our fault and not the bank's. */
function isOfDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOENT', 'EIO'].includes(String((error as { code?: unknown }).code))
}

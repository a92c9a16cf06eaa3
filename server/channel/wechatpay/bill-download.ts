import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { request } from 'undici'
import { BillRefused } from './bill-file'
import type { WechatpayClient } from './client'

/** Some million rows; what is more is a mistake, or made to fill the disk. */
const MAX_BYTES = 1_000_000_000
const FILE_TIMEOUT_MS = 15 * 60_000

/**
 * Streams a bill to disk, unzipped, in constant memory; answers its SHA-256 and how long it is. The address is good for some 30 s, and what
 * answers there isn't signed: it is believed for the hash of its text, which the signed reply told. @throws BillRefused
 */
export async function download(
  { headers }: Pick<WechatpayClient, 'headers'>,
  { url, sha1 }: { url: URL; sha1: string },
  file: string,
  onBytes?: (done: number, total: number) => void,
): Promise<{ sha256: string; bytes: number }> {
  const signal = AbortSignal.timeout(FILE_TIMEOUT_MS)
  const path = url.pathname + url.search
  const reply = await request(url, { headers: headers('GET', path, ''), signal }).catch((error: Error) => {
    throw new BillRefused('statement-unavailable', `file: ${error.message}`)
  })
  if (reply.statusCode !== 200) {
    await reply.body.dump()
    throw new BillRefused('statement-unavailable', `file: status ${reply.statusCode}`)
  }
  const [told, own] = [createHash('sha1'), createHash('sha256')]
  let bytes = 0
  const measured = new Transform({
    transform(chunk: Buffer, _, next) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) return next(new BillRefused('statement-too-long', `more than ${MAX_BYTES} bytes`))
      told.update(chunk)
      own.update(chunk)
      onBytes?.(bytes, bytes)
      next(null, chunk)
    },
  })
  try {
    await pipeline(reply.body, createGunzip(), measured, createWriteStream(file, { mode: 0o600 }))
  } catch (error) {
    if (error instanceof BillRefused || isOfDisk(error)) throw error
    throw new BillRefused('statement-truncated', `file: cut off after ${bytes} bytes of text`)
  }
  if (told.digest('hex') !== sha1.toLowerCase())
    throw new BillRefused('statement-tampered', `the SHA-1 of its text isn't ${sha1}`)
  return { sha256: own.digest('hex'), bytes }
}

/** A full or forbidden disk is our fault and not WeChat's. */
function isOfDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOENT', 'EIO'].includes(String((error as { code?: unknown }).code))
}

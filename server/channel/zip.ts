import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'

/** Reads the zips in which wallets deliver their days: a few files, whole, in memory, and nothing of them is believed. */

export interface ZipLimits {
  entries: number
  /** of each file, unpacked */
  bytes: number
}

export interface ZipEntry {
  /** as it stands there: whether it is UTF-8 or GBK is the reader's to know */
  name: Buffer
  data: Buffer
}

export class ZipRefused extends Error {
  override name = 'ZipRefused'
}

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
/** The end record is 22 bytes and a comment of 64 KB at the most. */
const END_BYTES = 22
const MAX_COMMENT = 0xffff
const STORED = 0
const DEFLATED = 8
const ENCRYPTED = 1
const UTF8_NAME = 0x800

const inflate = promisify(inflateRaw)

/**
 * The files of a zip. Refused as a whole: more files than told, a file larger than told however small it says it is, a name that leads
 * elsewhere, encryption, any method but the two, a checksum that isn't right, a part beyond the end. @throws ZipRefused
 */
export async function unzip(zip: Buffer, limits: ZipLimits): Promise<ZipEntry[]> {
  const { count, at } = directoryOf(zip)
  if (count > limits.entries) throw new ZipRefused(`it has ${count} files`)
  const entries: ZipEntry[] = []
  for (let i = 0, from = at; i < count; i++) {
    const { entry, next } = await entryAt(zip, from, limits)
    if (entry) entries.push(entry)
    from = next
  }
  return entries
}

function directoryOf(zip: Buffer): { count: number; at: number } {
  for (let at = zip.length - END_BYTES; at >= Math.max(0, zip.length - END_BYTES - MAX_COMMENT); at--)
    if (zip.readUInt32LE(at) === END && at + END_BYTES + zip.readUInt16LE(at + 20) === zip.length)
      return { count: zip.readUInt16LE(at + 10), at: zip.readUInt32LE(at + 16) }
  throw new ZipRefused('it has no directory')
}

/** One of the directory's; `entry`: null for a folder. */
async function entryAt(zip: Buffer, at: number, limits: ZipLimits): Promise<{ entry: ZipEntry | null; next: number }> {
  const header = part(zip, at, 46)
  if (header.readUInt32LE(0) !== CENTRAL) throw new ZipRefused('its directory is broken')
  const [flags, method, checksum] = [header.readUInt16LE(8), header.readUInt16LE(10), header.readUInt32LE(16)]
  const [packed, bytes] = [header.readUInt32LE(20), header.readUInt32LE(24)]
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => header.readUInt16LE(offset)) as [
    number,
    number,
    number,
  ]
  const name = part(zip, at + 46, nameBytes)
  const next = at + 46 + nameBytes + extraBytes + commentBytes
  if (leadsElsewhere(name, (flags & UTF8_NAME) !== 0)) throw new ZipRefused('a name leads elsewhere')
  if (name.at(-1) === SLASH) return { entry: null, next }
  if (flags & ENCRYPTED) throw new ZipRefused('it is encrypted')
  if (bytes > limits.bytes) throw new ZipRefused(`a file has ${bytes} bytes`)
  const from = header.readUInt32LE(42)
  const local = part(zip, from, 30)
  if (local.readUInt32LE(0) !== LOCAL) throw new ZipRefused('a file is not where it should be')
  const body = part(zip, from + 30 + local.readUInt16LE(26) + local.readUInt16LE(28), packed)
  const data = await unpacked(body, method, bytes)
  if (data.length !== bytes || crc32(data) !== checksum) throw new ZipRefused('a file is not what it says')
  return { entry: { name, data }, next }
}

/** `bytes`: what it says it has, and no more is unpacked than that. */
async function unpacked(body: Buffer, method: number, bytes: number): Promise<Buffer> {
  if (method === STORED) return body
  if (method !== DEFLATED) throw new ZipRefused(`method ${method}`)
  try {
    return await inflate(body, { maxOutputLength: Math.max(1, bytes) })
  } catch {
    throw new ZipRefused('a file can not be unpacked to what it says')
  }
}

const [SLASH, BACKSLASH, COLON, DOT] = [0x2f, 0x5c, 0x3a, 0x2e]

/** Absolute, of a drive, or upwards. The second byte of a character of GBK may look like a backslash: it is none. */
function leadsElsewhere(name: Buffer, isUtf8: boolean): boolean {
  const plain: number[] = []
  for (let i = 0; i < name.length; i++) {
    if (name[i]! < 0x81) plain.push(name[i]!)
    else if (!isUtf8) i++
  }
  if (plain.some((byte) => byte === 0 || byte === COLON || byte === BACKSLASH)) return true
  return name[0] === SLASH || plain.some((byte, i) => byte === DOT && plain[i + 1] === DOT)
}

function part(zip: Buffer, at: number, bytes: number): Buffer {
  if (at + bytes > zip.length) throw new ZipRefused('it ends too early')
  return zip.subarray(at, at + bytes)
}

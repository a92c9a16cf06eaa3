import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type ArchiveCounts, ArchiveFault, type ArchiveFile, type ArchiveFiles } from '../flow/ports'

/**
 * A day's archive as a file: JSON Lines in gzip. The first line says which day, the last how many lines there are between, so that what was
 * cut off is told from what is whole. Memory is bounded by a batch, whatever the day's size.
 */

export { ArchiveFault }

const FORMAT = 1
/** Of a batch that is read, whichever comes first: so many lines, so much text. */
const BATCH_LINES = 500
const BATCH_BYTES = 4 * 1024 * 1024
/** An order that was queried for days with long replies has a hundredth of it; more would be somebody's wish for our memory. */
const LINE_BYTES = 16 * 1024 * 1024
/** 9 is a fifth smaller than 1 and 4 % smaller than the default, for a third more time: a file lies there for years and is written once. */
const LEVEL = 9

const NEWLINE = 0x0a

/** What lines begin with, as `orderLine` and `payerDayLine` in store/sql/archive write them. */
export const ORDER_LINE = '{"kind":"order",'
export const PAYER_DAY_LINE = '{"kind":"payer-day",'

/** The {@link ArchiveFiles} of a folder. */
export function archiveFiles(dir: string): ArchiveFiles {
  return {
    write: (date, lines) => writeArchive(dir, date, lines),
    read: (file, date) => readArchive(join(dir, basename(file)), date),
    hash: (file) => hashOf(join(dir, basename(file))),
  }
}

/** The name of a date's file, without a folder. */
export const archiveName = (date: string): string => `orders-${date}.jsonl.gz`

const firstLine = (date: string) => `{"kind":"day","format":${FORMAT},"date":"${date}"}`
const lastLine = ({ orders, payerDays }: ArchiveCounts) => `{"kind":"end","orders":${orders},"payerDays":${payerDays}}`

/**
 * Writes a date's file: `lines` are those between the first and the last, in batches. It has its name only once all of it is on the disk; what
 * a crash left beside it is written over, and another file of that name is kept as `….before`,
 * beside those that were before. @throws what the file system or `lines`
 * throws, and leaves nothing
 */
export async function writeArchive(
  dir: string,
  date: string,
  lines: AsyncIterable<readonly string[]>,
): Promise<ArchiveFile & ArchiveCounts> {
  const file = archiveName(date)
  const part = join(dir, `${file}.part`)
  const counts: ArchiveCounts = { orders: 0, payerDays: 0 }
  const hash = createHash('sha256')
  let bytes = 0
  // Never through what somebody else made there: neither its mode nor where it points to.
  await rm(part, { force: true })
  const handle = await open(part, 'wx', 0o600)
  try {
    await pipeline(
      Readable.from(texts(date, lines, counts)),
      createGzip({ level: LEVEL }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          hash.update(chunk)
          bytes += chunk.length
          await handle.writeFile(chunk)
        }
      },
    )
    await handle.sync()
    await handle.close()
    await putAside(join(dir, file), hash.copy().digest('hex'))
    await rename(part, join(dir, file))
    await syncFolder(dir)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(part, { force: true }).catch(() => {})
    throw error
  }
  return { file, sha256: hash.digest('hex'), bytes, ...counts }
}

async function* texts(date: string, lines: AsyncIterable<readonly string[]>, counts: ArchiveCounts) {
  yield `${firstLine(date)}\n`
  for await (const batch of lines) {
    for (const line of batch) count(line, counts)
    if (batch.length > 0) yield `${batch.join('\n')}\n`
  }
  yield `${lastLine(counts)}\n`
}

/** False for a line that is neither. */
function count(line: string, counts: ArchiveCounts): boolean {
  if (line.startsWith(ORDER_LINE)) counts.orders++
  else if (line.startsWith(PAYER_DAY_LINE)) counts.payerDays++
  else return false
  return true
}

/** A file of that name that is another may be another ledger's, from whoever gave the wrong folder: it is kept beside, under a name that is free. */
async function putAside(path: string, sha256: string): Promise<void> {
  const there = await hashOf(path).catch((error: ArchiveFault) => (error.code === 'absent' ? sha256 : null))
  if (there !== sha256) await rename(path, await freeName(`${path}.before`))
}

/** Nobody else gets it: an empty file has it, which the renamed one takes the place of. */
async function freeName(path: string): Promise<string> {
  for (let nth = 1; ; nth++) {
    const name = nth === 1 ? path : `${path}-${nth}`
    const handle = await open(name, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (!handle) continue
    await handle.close()
    return name
  }
}

/** A name in a folder is on the disk only once the folder is. */
async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  await handle.sync().finally(() => handle.close())
}

/** SHA-256 of a file as it lies there, hex. @throws ArchiveFault */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch (error) {
    throw faultOf(basename(path), error)
  }
  return hash.digest('hex')
}

/**
 * The lines of a date's file between its first and its last, in batches of at most 500, raw: order lines, then payers' days. Returns how many
 * there were once the last line said the same; so whoever stops before the end knows nothing of the rest. @throws ArchiveFault
 */
export async function* readArchive(path: string, date: string): AsyncGenerator<string[], ArchiveCounts> {
  const name = basename(path)
  const fault = (code: ArchiveFault['code'], what: string) => new ArchiveFault(code, `${name} ${what}`)
  const counts: ArchiveCounts = { orders: 0, payerDays: 0 }
  let last: string | undefined
  let read = 0
  for await (const batch of linesOf(path)) {
    const body: string[] = []
    for (const line of batch) {
      if (last !== undefined) throw fault('no-such-line', 'goes on after its last line')
      if (read++ === 0) checkFirst(line, date, fault)
      else if (count(line, counts)) body.push(line)
      else if (line.startsWith('{"kind":"end",')) last = line
      else throw fault('no-such-line', `has a line ${read} of no kind that there is`)
    }
    if (body.length > 0) yield body
  }
  if (last === undefined) throw fault('cut-off', 'is cut off: its last line is missing')
  if (last !== lastLine(counts))
    throw fault(
      'counts-differ',
      `has ${counts.orders} orders and ${counts.payerDays} payer-days, and ends with ${last}`,
    )
  return counts
}

function checkFirst(line: string, date: string, fault: (code: ArchiveFault['code'], what: string) => ArchiveFault) {
  if (line === firstLine(date)) return
  const said = /^\{"kind":"day","format":(\d+),"date":"([^"]*)"/.exec(line)
  if (!said) throw fault('no-such-line', 'is no archive: its first line names no day')
  if (said[1] !== String(FORMAT)) throw fault('another-format', `is of format ${said[1]}; this version reads ${FORMAT}`)
  throw fault('another-date', `is of ${said[2]}, not of ${date}`)
}

/** Whole lines in batches; what follows the last end of a line was cut off. */
async function* linesOf(path: string): AsyncGenerator<string[]> {
  const name = basename(path)
  let rest: Buffer[] = []
  let restBytes = 0
  let batch: string[] = []
  let batchBytes = 0
  for await (const chunk of unpacked(path)) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)])
      if (!isUtf8(line)) throw new ArchiveFault('no-such-line', `${name} has a line that is no text`)
      rest = []
      restBytes = 0
      from = end + 1
      batch.push(line.toString('utf8'))
      batchBytes += line.length
      if (batch.length === BATCH_LINES || batchBytes >= BATCH_BYTES) {
        yield batch
        batch = []
        batchBytes = 0
      }
    }
    rest.push(chunk.subarray(from))
    restBytes += chunk.length - from
    if (restBytes > LINE_BYTES)
      throw new ArchiveFault('line-too-long', `${name} has a line longer than ${LINE_BYTES / 1024 / 1024} MB`)
  }
  if (restBytes > 0) throw new ArchiveFault('cut-off', `${name} is cut off within a line`)
  if (batch.length > 0) yield batch
}

async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path)
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  // What the file throws is told by whoever reads, too.
  file.on('error', (error) => gunzip.destroy(error))
  file.pipe(gunzip)
  try {
    yield* gunzip as AsyncIterable<Buffer>
  } catch (error) {
    throw faultOf(basename(path), error)
  } finally {
    file.destroy()
    gunzip.destroy()
  }
}

function faultOf(name: string, error: unknown): ArchiveFault {
  const { code, message } = error as NodeJS.ErrnoException
  const fault = (kind: ArchiveFault['code'], what: string) =>
    new ArchiveFault(kind, `${name} ${what}`, { cause: error })
  if (code === 'ENOENT') return fault('absent', 'isn’t there')
  if (code === 'Z_BUF_ERROR') return fault('cut-off', 'is cut off')
  if (code?.startsWith('Z_')) return fault('not-gzip', `is no gzip, or damaged: ${message}`)
  return fault('unreadable', `can’t be read: ${message}`)
}

import { isUtf8 } from 'node:buffer'
import type { FileFault, FileFaultCode } from '../domain/file-fault'

/** From the bytes of a CSV file to its text. Everything that could cost is bounded before anything is decoded. */

/** A line of four cells has a hundred bytes; a report pasted into a remark has thousands. */
const LINE_BYTES = 16_384
const COLUMNS = 256

const [LF, CR, COMMA] = [0x0a, 0x0d, 0x2c]

/** The text, or why it isn't one: it must be UTF-8 or GB18030 (GBK) as a whole. `mostLines`: below the heading. */
export function textOf(bytes: Uint8Array, mostLines: number): string | FileFault {
  return foreign(bytes) ?? bounds(bytes, mostLines) ?? decoded(bytes)
}

const fault = (line: number, code: FileFaultCode, message: string, field = 'file'): FileFault => ({
  line,
  field,
  code,
  message,
})

const MARKS: [bytes: number[], code: FileFaultCode, message: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], 'not-csv', 'it is a workbook (.xlsx) and not a CSV'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'not-csv', 'it is a workbook (.xls) and not a CSV'],
  [[0xff, 0xfe], 'utf-16', 'it is UTF-16 (Unicode text) and not UTF-8 or GBK'],
  [[0xfe, 0xff], 'utf-16', 'it is UTF-16 (Unicode text) and not UTF-8 or GBK'],
]

function foreign(bytes: Uint8Array): FileFault | undefined {
  const mark = MARKS.find(([begin]) => begin.every((byte, i) => bytes[i] === byte))
  return mark && fault(0, mark[1], mark[2])
}

/** In GBK and UTF-8 alike these bytes are never a part of another character. */
function bounds(bytes: Uint8Array, mostLines: number): FileFault | undefined {
  let line = 1
  let begin = 0
  let commas = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === LF || (byte === CR && bytes[i + 1] !== LF)) {
      line++
      begin = i + 1
      commas = 0
      if (line > mostLines + 1 && begin < bytes.length)
        return fault(line, 'too-many-lines', `at most ${mostLines} lines`)
    } else if (byte === 0) return fault(line, 'not-csv', 'it holds zero bytes and is no text')
    else if (byte === COMMA && ++commas === COLUMNS)
      return fault(line, 'too-many-columns', `at most ${COLUMNS} columns`, 'line')
    else if (i - begin === LINE_BYTES) return fault(line, 'line-too-long', `at most ${LINE_BYTES} bytes`, 'line')
  }
  return undefined
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/**
 * Chinese spreadsheets save CSV as GBK. Many bytes are valid in both, so it isn't enough that a file can be read as GBK: one
 * that is UTF-8 but for a cut character would turn into other letters.
 */
function decoded(bytes: Uint8Array): string | FileFault {
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes)
  if (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) || meantAsUtf8(bytes))
    return unreadable(bytes, isUtf8, 'UTF-8')
  if (isGb18030(bytes)) return new TextDecoder('gb18030').decode(bytes)
  return unreadable(bytes, isGb18030, 'UTF-8 or GBK')
}

/**
 * True when a third of what isn't ASCII is in sequences as UTF-8 has them for Chinese. In GBK they come about by chance
 * alone: in a few of a hundred bytes.
 */
function meantAsUtf8(bytes: Uint8Array): boolean {
  const isTrail = (byte: number | undefined) => byte !== undefined && byte >> 6 === 2
  let high = 0
  let inSequence = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! < 0x80) continue
    const sequence = bytes[i]! >> 4 === 0xe && isTrail(bytes[i + 1]) && isTrail(bytes[i + 2])
    high += sequence ? 3 : 1
    if (!sequence) continue
    inSequence += 3
    i += 2
  }
  return inSequence * 3 >= high
}

function isGb18030(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('gb18030', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** The first line that can't be read so. */
function unreadable(bytes: Uint8Array, isSound: (line: Uint8Array) => boolean, as: string): FileFault {
  let line = 1
  let begin = 0
  for (let i = 0; i <= bytes.length; i++) {
    const ends = i === bytes.length || bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)
    if (!ends) continue
    if (!isSound(bytes.subarray(begin, i))) break
    line++
    begin = i + 1
  }
  return fault(line, 'encoding', `it can't be read as ${as}: a character is broken or of another encoding`, 'line')
}

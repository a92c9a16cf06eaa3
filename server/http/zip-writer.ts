import { crc32 } from 'node:zlib'

/** Writes a zip as it goes (APPNOTE 6.3): whole small files, and one that comes in pieces, whose size is told behind it. Of less than 4 GB. */
export interface ZipWriter {
  /** a small file, whole */
  stored(name: string, text: string): Buffer
  /** begins the file that comes in pieces, each deflated */
  begin(name: string): Buffer
  /** `size` and `crc` are of what it unpacks to, `packed` of what was written since {@link begin} */
  end(of: { size: number; packed: number; crc: number }): Buffer
  /** the directory; nothing comes after it */
  directory(): Buffer
}

const [LOCAL, CENTRAL, END, DESCRIPTOR] = [0x04034b50, 0x02014b50, 0x06054b50, 0x08074b50]
const STORED = 0
const DEFLATED = 8
/** names are UTF-8; sizes are told behind the data */
const [UTF8, BEHIND] = [0x800, 0x8]
/** 1980-01-01: nobody asks when, and the same rows are the same file */
const DATE = 0x21
const VERSION = 20

interface Entry {
  name: Buffer
  flags: number
  method: number
  crc: number
  packed: number
  size: number
  at: number
}

export function zipWriter(): ZipWriter {
  const entries: Entry[] = []
  let at = 0
  const wrote = (bytes: Buffer) => {
    at += bytes.length
    return bytes
  }
  return {
    stored(name, text) {
      const data = Buffer.from(text)
      const sizes = { crc: crc32(data), packed: data.length, size: data.length }
      const entry = { name: Buffer.from(name), flags: UTF8, method: STORED, ...sizes, at }
      entries.push(entry)
      return wrote(Buffer.concat([localOf(entry), data]))
    },
    begin(name) {
      const entry = { name: Buffer.from(name), flags: UTF8 | BEHIND, method: DEFLATED, crc: 0, packed: 0, size: 0, at }
      entries.push(entry)
      return wrote(localOf(entry))
    },
    end({ size, packed, crc }) {
      Object.assign(entries.at(-1)!, { size, packed, crc })
      at += packed
      return wrote(words([DESCRIPTOR, 4], [crc, 4], [packed, 4], [size, 4]))
    },
    directory() {
      const headers = Buffer.concat(entries.map(centralOf))
      const count = entries.length
      return Buffer.concat([
        headers,
        words([END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [headers.length, 4], [at, 4], [0, 2]),
      ])
    },
  }
}

const facts = ({ name, flags, method, crc, packed, size }: Entry): [number, number][] => [
  [VERSION, 2],
  [flags, 2],
  [method, 2],
  [0, 2],
  [DATE, 2],
  [crc, 4],
  [packed, 4],
  [size, 4],
  [name.length, 2],
  [0, 2],
]

const localOf = (entry: Entry) => Buffer.concat([words([LOCAL, 4], ...facts(entry)), entry.name])

const centralOf = (entry: Entry) =>
  Buffer.concat([
    words([CENTRAL, 4], [VERSION, 2], ...facts(entry), [0, 2], [0, 2], [0, 2], [0, 4], [entry.at, 4]),
    entry.name,
  ])

/** Numbers of so many bytes each, little end first. */
function words(...all: [value: number, bytes: number][]): Buffer {
  const bytes = Buffer.alloc(all.reduce((sum, [, one]) => sum + one, 0))
  let at = 0
  for (const [value, size] of all) at = bytes.writeUIntLE(value, at, size)
  return bytes
}

import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export interface Journal<F> {
  /** what was in the file when it was opened, oldest first */
  readonly facts: F[]
  append(fact: F): void
  close(): void
}

const NEWLINE = 0x0a

/**
 * The append-only journal of a sandbox's server: one JSON fact a line, written before the reply leaves. It survives the
 * process (kill -9); not fsynced, so not a loss of power. A torn last line was never answered, and is cut off.
 * @throws when any other line can't be read: books with a hole would be wrong books
 */
export function openJournal<F>(dataDir: string): Journal<F> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'journal.jsonl')
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  const whole = bytes.lastIndexOf(NEWLINE) + 1
  if (whole < bytes.length) truncateSync(file, whole)
  const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
  const facts = lines.map((line, at) => factOf<F>(line, `${file}:${at + 1}`))

  const fd = openSync(file, 'a', 0o600)
  let length = whole
  return {
    facts,
    append(fact) {
      const line = Buffer.from(`${JSON.stringify(fact)}\n`)
      try {
        for (let sent = 0; sent < line.length; ) sent += writeSync(fd, line, sent)
        length += line.length
      } catch (error) {
        ftruncateSync(fd, length) // a full disk: leave no torn line for the next fact to be glued to
        throw error
      }
    },
    close: () => closeSync(fd),
  }
}

/** Keeps nothing: for tests of the books alone. */
export const noJournal = { facts: [], append: () => {}, close: () => {} } satisfies Journal<unknown>

function factOf<F>(line: string, place: string): F {
  try {
    return JSON.parse(line)
  } catch {
    throw new Error(`a journal of the sandbox is damaged at ${place}`)
  }
}

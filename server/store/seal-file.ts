import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DaySeal, GivenSeals } from '../flow/ports'

/** Where it is: as configured, or in the data directory. */
export function sealsPath({ sealsFile, dataDir }: { sealsFile: string | null; dataDir: string }): string {
  return sealsFile ?? join(dataDir, 'seals.jsonl')
}

/**
 * Sealed days in a file, a line of JSON each, which is only ever added to and read by its owner alone. What a crash left of a
 * line is no line: the next one begins on its own, and its day is given out again.
 */
export function sealFile(path: string): GivenSeals {
  return {
    async all() {
      return (await linesOf(path)).flatMap((line) => sealOf(line) ?? [])
    },
    async add(seals) {
      if (seals.length === 0) return
      const torn = !(await textOf(path)).endsWith('\n')
      const text = seals.map(({ date, link, at, mac }) => `${JSON.stringify({ date, link, at, mac })}\n`).join('')
      const file = await open(path, 'a', 0o600)
      try {
        await file.write(`${torn ? '\n' : ''}${text}`)
        await file.sync()
      } finally {
        await file.close()
      }
    },
  }
}

/** The first line that is neither a sealed day nor empty, counted from 1; null when there is none. A file that isn't there throws. */
export async function strayLine(path: string): Promise<number | null> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  const at = lines.findIndex((line) => line !== '' && !sealOf(line))
  return at < 0 ? null : at + 1
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '\n'
    throw error
  }
}

async function linesOf(path: string): Promise<string[]> {
  return (await textOf(path)).split('\n')
}

function sealOf(line: string): DaySeal | null {
  try {
    const { date, link, at, mac } = JSON.parse(line)
    return typeof date === 'string' && Number.isInteger(link) && Number.isInteger(at) && typeof mac === 'string'
      ? { date, link, at, mac }
      : null
  } catch {
    return null
  }
}

import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CHANNELS } from '../domain/channel'

export const statementsPath = ({ dataDir }: { dataDir: string }) => join(dataDir, 'statements')

/** The ledger has every line of a statement and the hash of its file, for good: the file is for who has to show it as it came, for a month. */
const KEPT_MS = 35 * 86_400_000
/** A download is given up after a quarter of an hour; what is there longer is of a process that ended in the middle. */
const PART_KEPT_MS = 86_400_000

const NAMED = new RegExp(`^(${CHANNELS.join('|')})-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-z]{1,64}[.](txt|csv)$`)
const PART = /^[0-9a-f-]{36}[.]part$/

/** The files in which channels' statements came to this process. */
export function statementFiles(dir: string) {
  return {
    /** Removes what has been there long enough, and nothing that isn't named as one of them; how many. */
    async prune(nowMs: number): Promise<number> {
      let removed = 0
      for (const name of await namesIn(dir)) {
        const keptMs = NAMED.test(name) ? KEPT_MS : PART.test(name) ? PART_KEPT_MS : undefined
        if (keptMs === undefined) continue
        const file = join(dir, name)
        const entry = await stat(file).catch(whenGone)
        if (!entry?.isFile() || entry.mtimeMs > nowMs - keptMs) continue
        await rm(file, { force: true })
        removed++
      }
      return removed
    },
  }
}

/** None, where no statement came yet. */
const namesIn = async (dir: string): Promise<string[]> => (await readdir(dir).catch(whenGone)) ?? []

function whenGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

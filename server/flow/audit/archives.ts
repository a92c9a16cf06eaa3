import type { ArchivedBooks, ArchivedDay, ArchiveFault, ArchiveFiles } from '../ports'
import type { Findings } from './findings'

/** Nobody knows what is in a file that isn't there; of any other fault somebody has changed it. */
export const isAway = ({ code }: ArchiveFault) => code === 'absent' || code === 'unreadable'

/** Each file is held against what is known of it, and then read: what it says now is then held against the books' chain. */
export function heldArchives(files: Pick<ArchiveFiles, 'hash' | 'read'>, found: Findings): ArchivedBooks {
  const held = new Set<string>()
  const hold = async ({ date, file, sha256 }: ArchivedDay) => {
    const is = await files.hash(file)
    if (is !== sha256)
      found.add([{ code: 'archive-differs', subject: `archive of ${date}`, detail: `should be ${sha256}, is ${is}` }])
  }
  return {
    async *lines(day) {
      if (!held.has(day.date)) await hold(day)
      held.add(day.date)
      yield* files.read(day.file, day.date)
    },
  }
}

import { access, constants, stat } from 'node:fs/promises'
import pino from 'pino'
import { isBusinessDate } from '../server/domain/business-date'
import { deckKeys, masterKeysOf } from '../server/domain/key-ring'
import { ARCHIVED_AFTER_DAYS, type ArchiveDeps, archivableBefore, archiveDays } from '../server/flow/archive/archive'
import { audit } from '../server/flow/audit/audit'
import { ArchiveHeld, type PassedOver } from '../server/flow/ports'
import { archiveFiles } from '../server/store/archive-file'
import { auditKeysOf } from '../server/stores'
import { NotTheOwner, openArchiving } from '../server/stores/archiving'
import { dayLine, monthLine, stoppedText, waitingLine } from './archive-text'
import { command, configIn, environment, optionsFrom, Refused } from './command'
import { helpOf } from './help'
import { type ProgressBar, progressBar } from './progress-bar'

/**
 * `npm run archive -- --before DATE --to DIR`: writes the orders of each day before DATE to a file in DIR and takes them out of the ledger
 * (docs/OPERATIONS.md, decision 0084), day by day from the first that is left, beside BFFs. DATE is at least 31 days ago by the ledger's
 * clock. Cut off anywhere, the same command goes on. Exit code 0: done, or there is nothing to do; 1: a day stands in the way, or the
 * audit differs, and of that day nothing was taken out, or all days are done and a month waits to be made small; 2: it could not run. Its DATABASE_URL is of the role that owns the tables.
 * `--passed-over REASON --by NAME`: an administrator's word, in the log, on days that were never reconciled while later ones were.
 */

const EXIT = { done: 0, stopped: 1, waits: 1 } as const

async function main(): Promise<number> {
  const { before, to, passedOver } = optionsOf()
  await writable(to)
  const stops: (() => unknown)[] = []
  const bar = progressBar(process.stderr)
  const waiting: string[] = []
  try {
    const config = await configIn(environment())
    const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }))
    const opened = await openArchiving(config, auditKeysOf(config), log, stops)
    const last = archivableBefore(await opened.now())
    if (before > last)
      throw new Refused(
        `--before ${before} is later than ${last}: a day is archived ${ARCHIVED_AFTER_DAYS} days after it`,
      )
    if (passedOver && !(await opened.isAdministrator(passedOver.by)))
      throw new Refused(`--by ${passedOver.by} is no administrator of the whole bank, or is disabled`)
    const result = await archiveDays(
      {
        archive: opened.archive,
        files: archiveFiles(to),
        audited: auditedByDay(
          { books: opened.books, ...deckKeys(masterKeysOf(config)), archives: archiveFiles(to) },
          bar,
        ),
        now: opened.now,
        passedOver,
        onDay: (day) => {
          bar.end()
          console.log(dayLine(day))
        },
        onMonth: (month) => console.log(monthLine(month)),
        onMonthWaits: (month) => {
          waiting.push(month.name)
          console.error(waitingLine(month))
        },
        onProgress: ({ date, step, done, total }) => bar.show(`${date} ${step}`, done, total),
      },
      before,
    )
    bar.end()
    if (result.kind === 'done') {
      console.log(result.days === 0 ? `There is nothing to archive before ${before}.` : `Archived ${result.days} days.`)
      return waiting.length > 0 ? EXIT.waits : EXIT.done
    }
    console.error(stoppedText(result))
    return EXIT.stopped
  } catch (error) {
    throw error instanceof NotTheOwner || error instanceof ArchiveHeld ? new Refused(error.message) : error
  } finally {
    bar.end()
    for (const stop of stops.reverse()) await stop()
  }
}

/** Each day by itself, with what of it is in the files of days before. */
function auditedByDay(deps: Parameters<typeof audit>[0], bar: ProgressBar): ArchiveDeps['audited'] {
  return async (date) => {
    const onProgress: typeof deps.onProgress = ({ step, done, total }) => bar.show(`${date} ${step}`, done, total)
    const { violations, unread } = await audit({ ...deps, days: { from: date, to: date }, onProgress })
    if (unread[0]) throw new Refused(unread[0].reason)
    return violations.map(({ code }) => code)
  }
}

interface Options {
  before: string
  to: string
  passedOver: PassedOver | undefined
}

function optionsOf(): Options {
  const text = { type: 'string' } as const
  const { before, to, by, ...more } = optionsFrom({ before: text, to: text, 'passed-over': text, by: text })
  if (!before || !to) throw new Refused(helpOf('archive'))
  if (!isBusinessDate(before)) throw new Refused(`--before ${before} is no date: YYYY-MM-DD`)
  const reason = more['passed-over']?.trim()
  if (reason === undefined && by === undefined) return { before, to, passedOver: undefined }
  if (!reason || !by) throw new Refused('--passed-over REASON and --by NAME go together: the log has both')
  if (reason.length > MAX_REASON) throw new Refused(`--passed-over: at most ${MAX_REASON} letters`)
  return { before, to, passedOver: { by, reason } }
}

const MAX_REASON = 200

/** A folder is never made: a disk that isn't mounted would be one that fills up. */
async function writable(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => null)
  if (!found?.isDirectory()) throw new Refused(`--to ${dir} is no folder that is there`)
  await access(dir, constants.W_OK | constants.X_OK).catch(() => {
    throw new Refused(`--to ${dir} can’t be written to`)
  })
}

command(main, 'An embedded ledger is one process’s at a time: stop `npm start` for this, or give both a DATABASE_URL.')

import type { Logger } from 'pino'
import { type SealDeps, sealBooks } from '../flow/audit/seal'
import { every } from './every'

/** So long what was written may be changed before the chain knows of it. */
const PAUSE_MS = 60_000

/** Chains what was written and seals days that are over. Safe beside other processes doing the same. */
export function sealBooksJob(
  deps: Pick<SealDeps, 'booksChain' | 'clock' | 'given'>,
  log: Logger,
  onAlarm: (code: 'seal-differs') => void,
) {
  return every('seal-books', PAUSE_MS, log, () =>
    sealBooks({
      ...deps,
      onSealed: (seal) => log.info({ seal }, 'books sealed'),
      onDiffers(given, kept) {
        onAlarm('seal-differs')
        log.error({ given, kept }, 'the books’ chain isn’t what was given out: npm run audit')
      },
    }),
  )
}

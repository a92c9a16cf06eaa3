import { businessDate, DAY_MS } from '../../domain/business-date'
import { type BooksChain, type Clock, type DaySeal, type GivenSeals, isTrusted } from '../ports'
import { sameSeal } from './chain'

export interface SealDeps {
  booksChain: BooksChain
  clock: Clock
  given: GivenSeals
  /** a day was sealed by this process, or given out here first */
  onSealed(seal: DaySeal): void
  /** a day isn't any more what was given out here: somebody changed the chain. `kept`: null when it is gone */
  onDiffers(given: DaySeal, kept: DaySeal | null): void
}

/** A day is sealed when nothing of it can be under way any more: no statement of a payment, and none dealing a deck for its last payer. */
const QUIET_MS = 10 * 60_000
/** Given out in one run; who has more to give out goes on. */
const PAGE = 100

/** Chains what was written since the last run, seals days that are over, and gives them out. `more`: there may be more to do at once. */
export async function sealBooks(deps: SealDeps): Promise<'more' | 'done'> {
  const { booksChain, clock } = deps
  const now = clock.now()
  const lastOver = isTrusted(clock) ? businessDate(now - QUIET_MS - DAY_MS) : null
  const extended = await booksChain.extend(now, lastOver)
  const given = await giveOut(deps)
  return (extended.kind === 'linked' && extended.more) || given === 'more' ? 'more' : 'done'
}

/** Each process gives out every day, whoever sealed it, and first looks whether the last one it gave out still stands. */
async function giveOut({ booksChain, given, onSealed, onDiffers }: SealDeps): Promise<'more' | 'done'> {
  const last = (await given.all()).at(-1) ?? null
  const seals = await booksChain.sealsFrom(last?.date ?? null, PAGE)
  if (last) {
    const kept = seals[0]?.date === last.date ? seals.shift()! : null
    if (!kept || !sameSeal(kept, last)) onDiffers(last, kept)
  }
  await given.add(seals)
  for (const seal of seals) onSealed(seal)
  return seals.length >= PAGE - 1 ? 'more' : 'done'
}

/** Whoever compares once a week sees each day. */
const SHOWN = 8

/** The last sealed days, the latest first, for whoever compares them with what was given out. */
export function lastSeals({ booksChain }: { booksChain: Pick<BooksChain, 'lastSeals'> }): Promise<DaySeal[]> {
  return booksChain.lastSeals(SHOWN)
}

import { addDays, businessDate } from '../../domain/business-date'
import { type Clock, isTrusted, type PayerDays, type PersonCards } from '../ports'

/** People of one statement, a moment's work. */
const BATCH = 1_000
/** Nothing is drawn from a deck an hour after its day; so long whoever asks why they got no card finds it. */
const KEPT_DAYS = 7

export interface ForgetDeps {
  personCards: PersonCards
  payerDays: PayerDays
  clock: Clock
}

/** Forgets the cards that people had a week ago; not on a doubtful clock, which could take today for a day gone by. */
export async function forgetCards({
  personCards,
  clock,
}: Pick<ForgetDeps, 'personCards' | 'clock'>): Promise<'more' | 'done'> {
  return forget(personCards, clock)
}

/** Forgets what payers spent a week ago, likewise: no order is opened on such a day, and one that is closed has a day without limits. */
export async function forgetPayerDays({
  payerDays,
  clock,
}: Pick<ForgetDeps, 'payerDays' | 'clock'>): Promise<'more' | 'done'> {
  return forget(payerDays, clock)
}

async function forget(kept: PersonCards | PayerDays, clock: Clock): Promise<'more' | 'done'> {
  if (!isTrusted(clock)) return 'done'
  const before = addDays(businessDate(clock.now()), -KEPT_DAYS)
  return (await kept.forget(before, BATCH)) === BATCH ? 'more' : 'done'
}

import { sql as raw, type Transaction } from 'kysely'
import type { BrakeSubject } from '../../../domain/brake'
import type { Tables } from '../tables'

/** A brake as SQL gives it, of `brakes k`. */
export const BRAKE = `k.subject, k.note, k.pulled_by as "pulledBy", k.pulled_at as "pulledAt", k.revision`
export const BRAKE_JSON = `json_build_object('subject', k.subject, 'note', k.note, 'pulledBy', k.pulled_by,
    'pulledAt', k.pulled_at, 'revision', k.revision)`

export async function letGo(tx: Transaction<Tables>, subject: BrakeSubject): Promise<void> {
  await tx
    .updateTable('brakes')
    .set({ held: false, revision: raw<number>`revision + 1` })
    .where('subject', '=', subject)
    .where('held', '=', true)
    .execute()
}

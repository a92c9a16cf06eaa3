import { isDeepStrictEqual } from 'node:util'
import type { Asked, Deed, NewRequest } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import { insertRequest } from './insert'
import { KINDS } from './kinds'
import { REQUEST_COLUMNS, requestOf } from './rows'

/** Writes a request down with what is true now, and its deed; or says why it can't be done now. */
export function askChange(sql: Sql, deeds: DeedLog, request: NewRequest, deed: Deed): Promise<Asked> {
  const kind = KINDS[request.kind]
  const asked = sql.transaction(async (tx): Promise<Asked> => {
    const fault = await kind.check(tx, request)
    if (fault) throw new Refused<Asked>({ kind: 'refused', fault })
    const before = (await kind.standing?.(tx, request)) ?? null
    if (nothingChanges(before, request.after))
      throw new Refused<Asked>({ kind: 'refused', fault: { code: 'nothing-changes' } })
    await insertRequest(tx, request, before)
    await deeds.write(tx, { ...deed, ...(before !== null && { before }) })
    const row = tx.selectFrom('change_requests').select(REQUEST_COLUMNS).where('change_id', '=', request.changeId)
    return { kind: 'asked', request: requestOf(await row.executeTakeFirstOrThrow()) }
  })
  return orRefused<Asked, Asked>(asked)
}

/** Every field that is asked for has that value already. */
function nothingChanges(before: unknown, after: unknown): boolean {
  if (typeof before !== 'object' || before === null) return false
  const was = before as Record<string, unknown>
  return Object.entries(after as object).every(([field, value]) => isDeepStrictEqual(was[field], value))
}

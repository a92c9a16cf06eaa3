import { sql as raw, type Transaction } from 'kysely'
import type { Brake, BrakeSubject } from '../../../domain/brake'
import type { RequestKind } from '../../../domain/change'
import type { Brakes, HeldBrake, HeldMerchant } from '../../../flow/ports'
import { setBackRequests } from '../change/step'
import type { DeedLog } from '../deed/log'
import type { Sql, Statement } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'
import { BRAKE } from './hold'
import { openChange } from './move'
import { findCampaign } from './rows'

type Tx = Transaction<Tables>

/** What lets go of a merchant's brake, or the house's. */
const LET_GO: readonly RequestKind[] = ['brake.release', 'merchant.resume']

const HELD = `${BRAKE}, exists (
    select 1 from change_requests r where r.subject = k.subject and r.kind in ('${LET_GO.join("', '")}') and r.state in ('open', 'approved')
  ) as "releaseAsked"`

const FIND: Statement = { name: 'brake', text: `select ${HELD} from brakes k where k.subject = $1 and k.held` }

/** $1 branch or null, $2 how many. */
const MERCHANTS: Statement = {
  name: 'brakes-of-merchants',
  text: `
    select ${HELD}, m.merchant_code as "merchantCode", m.name
    from brakes k join merchants m on k.subject = 'merchant/' || m.merchant_code
    where k.held and ($1::text is null or m.branch_code = $1)
    order by m.merchant_code limit $2::integer`,
}

const MERCHANT: Statement = {
  name: 'brake-merchant',
  text: `
    select branch_code as "branchCode" from merchants
    where merchant_code = $1 and ($2::text is null or branch_code = $2)`,
}

/** The {@link Brakes} on PostgreSQL. No statement of it locks a row of campaigns or merchants. */
export function sqlBrakes(sql: Sql, deeds: DeedLog): Brakes {
  const find = async (subject: BrakeSubject) => (await sql.run<HeldBrake>(FIND, [subject]))[0]
  const pullOnce = (input: Parameters<Brakes['pull']>[0]) => {
    const { subject, note, at, opens, deed } = input
    const by = deed.username
    const pulled = sql.transaction(async (tx) => {
      const anew = opens
        ? await setBackResumption(tx, opens.campaignId, by, at)
        : await setBackRequests(tx, deeds, { subject, kinds: LET_GO }, { by, at })
      const brake = await pull(tx, { subject, note, by, at, anew })
      if (opens) await openChange(tx, opens)
      await deeds.write(tx, deed)
      return { kind: 'pulled' as const, brake }
    })
    return orRefused<Awaited<typeof pulled>, { kind: 'held' }>(pulled)
  }
  return {
    async pull(input) {
      for (;;) {
        const result = await pullOnce(input)
        if (result.kind === 'pulled') return { pulled: true, brake: result.brake }
        const held = await find(input.subject)
        if (held) return { pulled: false, brake: held }
        // let go of in the blink between
      }
    },
    find,
    heldMerchants: ({ branchCode }, limit) => sql.run<HeldMerchant>(MERCHANTS, [branchCode, limit]),
    campaign: (campaignId, sight) => findCampaign(sql, campaignId, sight),
    merchant: async (code, { branchCode }) => (await sql.run<{ branchCode: string }>(MERCHANT, [code, branchCode]))[0],
  }
}

/** Who stops a campaign, as who stops anything, doesn't want what a colleague asked for before. True: there was something. */
async function setBackResumption(tx: Tx, campaignId: string, by: string, at: number): Promise<boolean> {
  const set = await tx
    .updateTable('campaign_changes')
    .set({ state: 'withdrawn', reviewed_by: by, reviewed_at: at })
    .where('campaign_id', '=', campaignId)
    .where('kind', '=', 'resume')
    .where('state', '=', 'open')
    .executeTakeFirst()
  return set.numUpdatedRows > 0n
}

/** Of two at once one pulls, and the other finds it held. @throws Refused */
async function pull(
  tx: Tx,
  input: { subject: BrakeSubject; note: string | null; by: string; at: number; anew: boolean },
): Promise<Brake> {
  const { subject, note, by, at, anew } = input
  const { rows } = await raw<Brake>`
    insert into brakes as k (subject, held, note, pulled_by, pulled_at) values (${subject}, true, ${note}, ${by}, ${at})
    on conflict (subject) do update set held = true, revision = k.revision + 1, note = excluded.note,
      pulled_by = excluded.pulled_by, pulled_at = excluded.pulled_at
    where not k.held or ${anew}
    returning ${raw.raw(BRAKE)}`.execute(tx)
  if (!rows[0]) throw new Refused({ kind: 'held' })
  return rows[0]
}

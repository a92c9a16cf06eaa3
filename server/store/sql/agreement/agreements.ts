import { sql as raw, type Selectable, type Transaction } from 'kysely'
import type { Agreement, AgreementBook, Consent, SignedAgreement, SigningRecord } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'

/** A payer's, ended ones too, oldest first. */
const AGREEMENTS: Statement = {
  name: 'agreements',
  text: `
    select agreement_id, payer_id, account, account_tail, bank_name, kind, chosen, small_max_fen, small_per_day, created_at, ended_at
    from agreements where payer_id = $1 order by created_at, agreement_id`,
}

export async function agreementsOf(sql: Sql, payerId: string): Promise<Agreement[]> {
  const rows = await sql.run<Selectable<Tables['agreements']>>(AGREEMENTS, [payerId])
  return rows.map((row) => ({
    agreementId: row.agreement_id,
    payerId: row.payer_id,
    account: row.account,
    accountTail: row.account_tail,
    bankName: row.bank_name,
    kind: row.kind,
    chosen: row.chosen,
    small: smallOf(row),
    createdAt: row.created_at,
    endedAt: row.ended_at,
  }))
}

/** The {@link AgreementBook} on PostgreSQL. */
export function sqlAgreements(sql: Sql): AgreementBook {
  return {
    open: (signing, consent, limit) =>
      sql.transaction(async (tx) => {
        await inTurn(tx, signing.payerId)
        if ((await unsigned(tx, signing.payerId, limit.since)) >= limit.most) return 'too-many'
        await tx.insertInto('signings').values(rowOf(signing)).execute()
        if (consent) await tx.insertInto('consents').values(consentRow(signing, consent)).execute()
        return 'opened'
      }),
    async signing(payerId, signNo) {
      const row = await sql.db
        .selectFrom('signings')
        .selectAll()
        .where('sign_no', '=', signNo)
        .where('payer_id', '=', payerId)
        .executeTakeFirst()
      return row && signingOf(row)
    },
    async asked(signNo, action) {
      await sql.db
        .updateTable('signings')
        .set({ action: JSON.stringify(action) })
        .where('sign_no', '=', signNo)
        .where('state', '=', 'open')
        .execute()
    },
    signed: (signNo, agreement, at) => sql.transaction((tx) => signed(tx, signNo, agreement, at)),
    async refused(signNo, refusal, at) {
      await sql.db
        .updateTable('signings')
        .set({ state: 'refused', refusal, action: null, ended_at: at })
        .where('sign_no', '=', signNo)
        .where('state', '=', 'open')
        .execute()
    },
    keep: (payerId, agreement, at) => sql.transaction((tx) => keep(tx, payerId, agreement, at, 'once')),
    choose: (payerId, agreementId) => sql.transaction((tx) => choose(tx, payerId, agreementId)),
    end: (agreementId, at) =>
      sql.transaction(async (tx) => {
        const nothing = { chosen: false, small_max_fen: null, small_per_day: null }
        const inForce = tx
          .updateTable('agreements')
          .where('agreement_id', '=', agreementId)
          .where('ended_at', 'is', null)
        await inForce.set({ ...nothing, ended_at: at }).execute()
        await endConsents(tx, agreementId, at)
      }),
    endSmall: (agreementId, at) =>
      sql.transaction(async (tx) => {
        await tx
          .updateTable('agreements')
          .set({ small_max_fen: null, small_per_day: null })
          .where('agreement_id', '=', agreementId)
          .execute()
        await endConsents(tx, agreementId, at)
      }),
  }
}

/** One payer's requests queue here: many at once are counted, and choices made, as if they came in a row. */
async function inTurn(tx: Transaction<Tables>, payerId: string): Promise<void> {
  await raw`select pg_advisory_xact_lock(hashtextextended('agreements ' || ${payerId}, 0))`.execute(tx)
}

async function choose(tx: Transaction<Tables>, payerId: string, agreementId: string): Promise<void> {
  await inTurn(tx, payerId)
  const mine = tx.updateTable('agreements').where('payer_id', '=', payerId)
  await mine.set({ chosen: false }).where('chosen', '=', true).execute()
  await mine.set({ chosen: true }).where('agreement_id', '=', agreementId).where('ended_at', 'is', null).execute()
}

async function unsigned(tx: Transaction<Tables>, payerId: string, since: number): Promise<number> {
  const { count } = await tx
    .selectFrom('signings')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('payer_id', '=', payerId)
    .where('opened_at', '>=', since)
    .where('state', '<>', 'signed')
    .executeTakeFirstOrThrow()
  return count
}

async function signed(tx: Transaction<Tables>, signNo: string, agreement: SignedAgreement, at: number): Promise<void> {
  const signing = await tx
    .updateTable('signings')
    .set({ state: 'signed', agreement_id: agreement.agreementId, action: null, ended_at: at })
    .where('sign_no', '=', signNo)
    .where('state', '=', 'open')
    .returning(['payer_id', 'kind'])
    .executeTakeFirst()
  if (!signing) return
  if (signing.kind === 'sign') return keep(tx, signing.payer_id, agreement, at, 'anew')
  if (await allow(tx, signing.payer_id, agreement)) await confirmConsent(tx, signNo, agreement.agreementId, at)
}

/** News that comes after the agreement was ended doesn't bring it back. */
async function allow(tx: Transaction<Tables>, payerId: string, { agreementId, small }: SignedAgreement) {
  const { numUpdatedRows } = await tx
    .updateTable('agreements')
    .set({ small_max_fen: small?.maxFen ?? null, small_per_day: small?.perDay ?? null })
    .where('agreement_id', '=', agreementId)
    .where('payer_id', '=', payerId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** `anew`: as the bank has it now, in force again if it had ended; `once`: only if it isn't kept. */
async function keep(
  tx: Transaction<Tables>,
  payerId: string,
  { agreementId, account, accountTail, bankName, kind, small }: SignedAgreement,
  at: number,
  how: 'anew' | 'once',
): Promise<void> {
  const terms = {
    account,
    account_tail: accountTail,
    bank_name: bankName,
    kind,
    small_max_fen: small?.maxFen ?? null,
    small_per_day: small?.perDay ?? null,
  }
  const row = { agreement_id: agreementId, payer_id: payerId, created_at: at, ...terms }
  const kept = await tx
    .insertInto('agreements')
    .values(row)
    .onConflict((conflict) =>
      how === 'once'
        ? conflict.doNothing()
        : conflict
            .column('agreement_id')
            .doUpdateSet({ ...terms, ended_at: null })
            .where('agreements.payer_id', '=', payerId),
    )
    .returning('agreement_id')
    .executeTakeFirst()
  if (!kept && how === 'anew') throw new Error(`the agreement ${agreementId} is another payer’s`)
}

async function confirmConsent(tx: Transaction<Tables>, signNo: string, agreementId: string, at: number): Promise<void> {
  await endConsents(tx, agreementId, at)
  await tx.updateTable('consents').set({ confirmed_at: at }).where('sign_no', '=', signNo).execute()
}

async function endConsents(tx: Transaction<Tables>, agreementId: string, at: number): Promise<void> {
  await tx
    .updateTable('consents')
    .set({ ended_at: at })
    .where('agreement_id', '=', agreementId)
    .where('confirmed_at', 'is not', null)
    .where('ended_at', 'is', null)
    .execute()
}

const smallOf = (row: { small_max_fen: number | null; small_per_day: number | null }) =>
  row.small_max_fen === null || row.small_per_day === null
    ? null
    : { maxFen: row.small_max_fen, perDay: row.small_per_day }

function signingOf(row: Selectable<Tables['signings']>): SigningRecord {
  return {
    signNo: row.sign_no,
    payerId: row.payer_id,
    kind: row.kind,
    state: row.state,
    agreementId: row.agreement_id,
    small: smallOf(row),
    action: row.action,
    refusal: row.refusal,
    openedAt: row.opened_at,
    endedAt: row.ended_at,
  }
}

const rowOf = ({ small, action, ...signing }: SigningRecord) => ({
  sign_no: signing.signNo,
  payer_id: signing.payerId,
  kind: signing.kind,
  state: signing.state,
  agreement_id: signing.agreementId,
  small_max_fen: small?.maxFen ?? null,
  small_per_day: small?.perDay ?? null,
  action: action && JSON.stringify(action),
  refusal: signing.refusal,
  opened_at: signing.openedAt,
  ended_at: signing.endedAt,
})

function consentRow({ signNo, payerId, agreementId, small, openedAt }: SigningRecord, consent: Consent) {
  if (agreementId === null || small === null) throw new Error(`${signNo} asks for nothing that needs a consent`)
  return {
    sign_no: signNo,
    payer_id: payerId,
    agreement_id: agreementId,
    channel: consent.channel,
    terms_version: consent.termsVersion,
    terms_sha256: consent.termsSha256,
    max_fen: small.maxFen,
    per_day: small.perDay,
    given_at: openedAt,
  }
}

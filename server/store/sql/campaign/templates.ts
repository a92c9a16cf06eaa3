import { sql as raw } from 'kysely'
import type { CampaignTemplate, Sight, Templates } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'

type Added = Awaited<ReturnType<Templates['add']>>

/** The {@link Templates} on PostgreSQL. */
export function sqlTemplates(sql: Sql, deeds: DeedLog): Templates {
  const seen = ({ branchCode }: Sight) => {
    const all = sql.db
      .selectFrom('campaign_templates')
      .select(['template_id as templateId', 'name', 'branch_code as branchCode', 'terms'])
      .select(['made_by as madeBy', 'made_at as madeAt'])
    if (branchCode === null) return all
    return all.where((where) => where.or([where('branch_code', 'is', null), where('branch_code', '=', branchCode)]))
  }
  return {
    list: (sight) => seen(sight).orderBy('name').orderBy('template_id').execute() as Promise<CampaignTemplate[]>,
    find: (templateId, sight) =>
      seen(sight).where('template_id', '=', templateId).executeTakeFirst() as Promise<CampaignTemplate | undefined>,
    add: (template, most, deed) => orRefused<Added, Added>(add(sql, deeds, template, most, deed)),
    async drop(templateId, deed) {
      return sql.transaction(async (tx) => {
        const gone = await tx.deleteFrom('campaign_templates').where('template_id', '=', templateId).executeTakeFirst()
        if (gone.numDeletedRows !== 1n) return false
        await deeds.write(tx, deed)
        return true
      })
    },
  }
}

function add(
  sql: Sql,
  deeds: DeedLog,
  { templateId, name, branchCode, terms, madeBy, madeAt }: CampaignTemplate,
  most: number,
  deed: Parameters<DeedLog['write']>[1],
): Promise<Added> {
  return sql.transaction(async (tx) => {
    // Writers of deeds queue, so whoever is second finds here what the first has kept.
    await deeds.write(tx, deed)
    const { count } = await tx
      .selectFrom('campaign_templates')
      .where(raw<boolean>`branch_code is not distinct from ${branchCode}`)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= most) throw new Refused<Added>({ kind: 'too-many' })
    const row = { template_id: templateId, branch_code: branchCode, name, made_by: madeBy, made_at: madeAt }
    const inserted = await tx
      .insertInto('campaign_templates')
      .values({ ...row, terms: JSON.stringify(terms) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows !== 1n) throw new Refused<Added>({ kind: 'exists' })
    return { kind: 'written' as const }
  })
}

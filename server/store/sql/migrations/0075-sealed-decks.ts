import { type Kysely, type Migration, sql } from 'kysely'

/**
 * Until its day is closed a deck's cards are sealed, and it is counted at the dearest it could be by its rule: neither they nor a sum of
 * them can be read here. Decks that are there keep their cards as they are, which are public as soon as their day is closed; those
 * still open are counted so from now on, but where that is more than a budget.
 */
export const sealedDecks: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table decks alter column amounts_fen drop not null;
      alter table decks add column sealed bytea;
      alter table decks add constraint decks_cards
        check (num_nonnulls(amounts_fen, sealed) = 1 and (sealed is null or octet_length(sealed) > 28));

      create temporary table dearer on commit drop as
      select d.campaign_id, d.merchant_code, d.business_date, d.branch_code,
        n.band * (r.rule ->> 'bandMaxFen')::bigint + (n.slots - n.band) * case
          when (r.rule ->> 'maxFen')::bigint > (r.rule ->> 'bandMaxFen')::bigint then (r.rule ->> 'maxFen')::bigint
          else (r.rule ->> 'bandMinFen')::bigint - 1 end - n.fen as fen
      from decks d
      join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
      cross join lateral (select v.content -> 'rule' as rule) r
      cross join lateral (
        select x.slots, x.fen, case
          when (r.rule ->> 'minFen')::bigint = (r.rule ->> 'bandMinFen')::bigint
            and (r.rule ->> 'maxFen')::bigint = (r.rule ->> 'bandMaxFen')::bigint then x.slots
          else ceil((r.rule ->> 'bandPercent')::numeric * x.slots / 100)::bigint end as band
        from (select cardinality(d.amounts_fen)::bigint as slots, (select sum(f) from unnest(d.amounts_fen) f)::bigint as fen) x
      ) n
      where d.closed_at is null and r.rule ? 'bandMaxFen';

      delete from dearer where campaign_id in (
        select x.campaign_id from dearer x join campaigns c using (campaign_id)
        group by x.campaign_id, c.committed_fen, c.budget_fen having c.committed_fen + sum(x.fen) > c.budget_fen
        union all
        select x.campaign_id from dearer x join branch_budgets b using (campaign_id, branch_code)
        group by x.campaign_id, b.branch_code, b.committed_fen, b.budget_fen having b.committed_fen + sum(x.fen) > b.budget_fen);
      update decks d set exposure_fen = d.exposure_fen + x.fen from dearer x
      where d.campaign_id = x.campaign_id and d.merchant_code = x.merchant_code and d.business_date = x.business_date;
      update campaigns c set committed_fen = c.committed_fen + x.fen
      from (select campaign_id, sum(fen)::bigint as fen from dearer group by campaign_id) x
      where c.campaign_id = x.campaign_id;
      update branch_budgets b set committed_fen = b.committed_fen + x.fen
      from (select campaign_id, branch_code, sum(fen)::bigint as fen from dearer group by campaign_id, branch_code) x
      where b.campaign_id = x.campaign_id and b.branch_code = x.branch_code;
    `.execute(db)
  },
}

/**
 * Which campaign applies to a merchant on a date, once for every statement that asks: of those that name it, are approved and
 * hold the date, the one of the highest priority, then the newest, then the first by id. One that is paused applies all the
 * same: it keeps its merchants from the others' discounts. Arguments are SQL: aliases of `campaigns`, a date, a merchant code.
 */

/** Approved by two people and not ended. */
export const stands = (c: string) => `${c}.state in ('approved', 'running', 'paused')`

/** As `stateOn` of the domain: approved is running from its start date, whether or not anybody has said so. */
export const standsOn = (c: string, date: string) =>
  `${stands(c)} and ${date}::date between ${c}.start_date and ${c}.end_date`

/** A brake holds it: everything's, or one of `subjects` (SQL). */
export const braked = (...subjects: string[]) =>
  `exists (select 1 from brakes k where k.held and k.subject in (${["'brake/all'", ...subjects].join(', ')}))`

/** For `order by`: the one that applies comes first. */
export const byPrecedence = (c: string) => `${c}.priority desc, ${c}.created_at desc, ${c}.campaign_id`

/** Whether `o` comes before `c`. */
export const precedes = (o: string, c: string) =>
  `(${o}.priority, ${o}.created_at, ${c}.campaign_id) > (${c}.priority, ${c}.created_at, ${o}.campaign_id)`

/** For `lateral`: the one that applies, as `campaign_id` and `name`; no row where none does. */
export const applying = (merchantCode: string, date: string) => `
  select c.campaign_id, c.name from campaign_merchants named join campaigns c using (campaign_id)
  where named.merchant_code = ${merchantCode} and ${standsOn('c', date)}
  order by ${byPrecedence('c')} limit 1`

import type { UsedTickets } from '../../../flow/ports'
import type { Sql } from '../open-sql'

/** The {@link UsedTickets} on PostgreSQL; what is over goes with whoever comes next. */
export function sqlUsedTickets(sql: Sql): UsedTickets {
  const use = {
    name: 'use-ticket',
    text: `
      with over as (delete from used_tickets where ends_at < $3)
      insert into used_tickets (ticket_id, ends_at) values ($1, $2)
      on conflict (ticket_id) do nothing
      returning ticket_id`,
  }
  return {
    use: async (ticketId, endsAt, now) => (await sql.run(use, [ticketId, endsAt, now])).length > 0,
  }
}

import type { AuditPending } from '../../../flow/ports'

/** What is unfinished or disputed: `name` and when it began, `at`. Few, whatever the size of the books. */
export const PENDING: Record<AuditPending['kind'], string> = {
  'unknown-orders': `select order_no as name, created_at as at from orders where state = 'paying'`,
  'unknown-refunds': `select refund_no as name, created_at as at from refunds where state = 'refunding'`,
  'slots-to-return': `select order_no as name, ended_at as at from orders where slot_return_at is not null`,
  conflicts: `
    select order_no || ' ' || conflict as name, at from order_events where conflict is not null
    union all
    select refund_no || ' ' || conflict, at from refund_events where conflict is not null`,
  'open-differences': `
    select difference_id || ' ' || class || ' ' || detail as name, found_at as at from differences where state = 'open'`,
}

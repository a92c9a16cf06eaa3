import type { Desk } from '../../flow/ports'
import { sqlBindings } from './bindings'
import type { DeedLog } from './deed-log'
import { sqlMerchantBook } from './merchant-book'
import type { Sql } from './open-sql'
import { sqlOrderDesk } from './order-desk'
import { sqlReports } from './report'

/** The operators' {@link Desk} on PostgreSQL. */
export function sqlDesk(sql: Sql, deeds: DeedLog): Desk {
  return {
    reports: sqlReports(sql),
    merchantBook: sqlMerchantBook(sql, deeds),
    bindings: sqlBindings(sql, deeds),
    orders: sqlOrderDesk(sql),
  }
}

import type { Desk } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import { sqlBindings } from '../merchant/bindings'
import { sqlMerchantBook } from '../merchant/book'
import type { Sql } from '../open-sql'
import { sqlReports } from '../report/report'
import { sqlOrderDesk } from './orders'

/** The operators' {@link Desk} on PostgreSQL. */
export function sqlDesk(sql: Sql, deeds: DeedLog): Desk {
  return {
    reports: sqlReports(sql),
    merchantBook: sqlMerchantBook(sql, deeds),
    bindings: sqlBindings(sql, deeds),
    orders: sqlOrderDesk(sql),
  }
}

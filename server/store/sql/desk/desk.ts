import type { Desk } from '../../../flow/ports'
import { sqlSketches } from '../campaign/sketches'
import { sqlTemplates } from '../campaign/templates'
import type { DeedLog } from '../deed/log'
import { sqlBindings } from '../merchant/bindings'
import { sqlMerchantBook } from '../merchant/book'
import { sqlNotifications } from '../notification/notifications'
import type { Sql } from '../open-sql'
import { sqlEffects } from '../report/effect'
import { sqlOtherCounts } from '../report/other-counts'
import { sqlReports } from '../report/report'
import { sqlToday } from '../report/today'
import { sqlOrderDesk } from './orders'
import { sqlSearchDesk } from './search'

/** The operators' {@link Desk} on PostgreSQL. */
export function sqlDesk(sql: Sql, deeds: DeedLog): Desk {
  return {
    reports: sqlReports(sql),
    effects: sqlEffects(sql),
    otherCounts: sqlOtherCounts(sql, deeds),
    merchantBook: sqlMerchantBook(sql, deeds),
    bindings: sqlBindings(sql, deeds),
    orders: sqlOrderDesk(sql),
    search: sqlSearchDesk(sql),
    sketches: sqlSketches(sql),
    templates: sqlTemplates(sql, deeds),
    today: sqlToday(sql),
    notifications: sqlNotifications(sql),
  }
}

import type { Reconciliations } from '../../../flow/ports'
import { sqlArchived } from '../archive/archived'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import {
  addDifferences,
  clearShorts,
  difference,
  differences,
  propose,
  resolve,
  settle,
  unsettled,
} from './difference-book'
import { endless } from './endless'
import { matchLines, ownPage } from './match'
import { keepFirst } from './reissued'
import { begin, days, finish, firstDay, giveUp, isMatched, keep, lastMatched, openDays, reconciliation } from './run'
import { absentPaying, openMatches, stage, staged } from './statement-lines'

/**
 * The {@link Reconciliations} on PostgreSQL. Every verb is bounded by what it is given, and none is a long transaction.
 * Without a log no deeds are written: for tools that no operator logs in to.
 */
export function sqlReconciliations(sql: Sql, deeds?: DeedLog): Reconciliations {
  return {
    begin: (day, manifest, now, holdMs) => begin(sql, day, manifest, now, holdMs),
    keep: (hold, holdMs) => keep(sql, hold, holdMs),
    giveUp: (hold) => giveUp(sql, hold),
    stage: (hold, lines) => stage(sql, hold, lines),
    staged: (day, lines) => staged(sql, day, lines),
    openMatches: (kind, day, after, limit) => openMatches(sql, kind, day, after, limit),
    absentPaying: (day, createdBefore, after, limit) => absentPaying(sql, day, createdBefore, after, limit),
    matchLines: (day, from, to) => matchLines(sql, day, from, to),
    ownPage: (input) => ownPage(sql, input),
    isMatched: (day) => isMatched(sql, day),
    isArchived: async (date) => (await sqlArchived(sql).day(date)) !== undefined,
    addDifferences: (hold, found) => addDifferences(sql, hold, found),
    settle: (hold, lines, now) => settle(sql, hold, lines, now),
    clearShorts: (hold, now) => clearShorts(sql, hold, now),
    finish: (hold, result, now, deed) => finish(sql, deeds, hold, result, now, deed),
    reconciliation: (day) => reconciliation(sql, day),
    keepFirst: (input) => keepFirst(sql, deeds, input),
    days: (channel, from, to) => days(sql, channel, from, to),
    lastMatched: (channel) => lastMatched(sql, channel),
    firstDay: (channel) => firstDay(sql, channel),
    openDays: (channel, from, to, limit) => openDays(sql, channel, from, to, limit),
    difference: (differenceId) => difference(sql, differenceId),
    unsettled: (channel, after, limit) => unsettled(sql, channel, after, limit),
    endless: (before, limit) => endless(sql, before, limit),
    differences: (day, after, limit) => differences(sql, day, after, limit),
    propose: (input) => propose(sql, deeds, input),
    resolve: (input) => resolve(sql, deeds, input),
  }
}

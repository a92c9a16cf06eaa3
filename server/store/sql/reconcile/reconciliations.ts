import type { Reconciliations } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { addDifferences, clearShorts, difference, differences, resolve } from './difference-book'
import { matchLines, ownPage } from './match'
import { begin, days, finish, hold, isMatched, lastMatched, reconciliation } from './run'
import { absentPaying, openMatches, stage, staged } from './statement-lines'

/**
 * The {@link Reconciliations} on PostgreSQL. Every verb is bounded by what it is given, and none is a long transaction.
 * Without a log no deeds are written: for tools that no operator logs in to.
 */
export function sqlReconciliations(sql: Sql, deeds?: DeedLog): Reconciliations {
  return {
    begin: (manifest, now, holdMs) => begin(sql, manifest, now, holdMs),
    hold: (date, until) => hold(sql, date, until),
    stage: (date, lines) => stage(sql, date, lines),
    staged: (date, lines) => staged(sql, date, lines),
    openMatches: (kind, date, after, limit) => openMatches(sql, kind, date, after, limit),
    absentPaying: (date, createdBefore, after, limit) => absentPaying(sql, date, createdBefore, after, limit),
    matchLines: (date, from, to) => matchLines(sql, date, from, to),
    ownPage: (input) => ownPage(sql, input),
    isMatched: (date) => isMatched(sql, date),
    addDifferences: (found) => addDifferences(sql, found),
    clearShorts: (date, now) => clearShorts(sql, date, now),
    finish: (date, result, now, deed) => finish(sql, deeds, date, result, now, deed),
    reconciliation: (date) => reconciliation(sql, date),
    days: (from, to) => days(sql, from, to),
    lastMatched: () => lastMatched(sql),
    difference: (differenceId) => difference(sql, differenceId),
    differences: (date, after, limit) => differences(sql, date, after, limit),
    resolve: (input) => resolve(sql, deeds, input),
  }
}

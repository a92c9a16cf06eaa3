import { cpus, loadavg } from 'node:os'
import type { Options } from './options'
import type { Act } from './schedule'
import type { Told } from './told'
import type { Verdict } from './verdict'

export interface Figures {
  paid: number
  closed: number
  paying: number
  discounted: number
  /** orders of each channel, by how they ended */
  byChannel: Record<string, { paid: number; closed: number; paying: number }>
  refundedBy: Record<string, number>
  refunded: number
  failedRefunds: number
  decks: number
  visits: number
  perSecond: number
  /** the kills that were carried out; fewer than asked for is a violation */
  kills: number
  pauses: number
  flushes: number
  /** from the end of the faults until nothing was open, ms; null: not in time */
  settledAfterMs: number | null
  reconciled: { planted: number; found: number; lines: number } | undefined
  audited: string | undefined
}

export interface Report {
  options: Options
  storage: string
  machine: { cores: number; loadAverage: number; node: string }
  figures: Figures
  counts: Record<string, number>
  lines: Verdict['lines']
  violations: number
  seconds: number
}

export function reportOf(
  options: Options,
  storage: string,
  figures: Figures,
  told: Told,
  verdict: Verdict,
  seconds: number,
): Report {
  const machine = { cores: cpus().length, loadAverage: loadavg()[0]!, node: process.version }
  const counts = Object.fromEntries([...told.counts].sort(([a], [b]) => a.localeCompare(b)))
  return { options, storage, machine, figures, counts, lines: verdict.lines, violations: verdict.violations, seconds }
}

/** The report for people. */
export function table(report: Report): string {
  const { options, figures, lines, counts, machine } = report
  const settled =
    figures.settledAfterMs === null ? 'not in time' : `${seconds(figures.settledAfterMs)} s after the faults stopped`
  const head = [
    `seed ${options.seed} · ${report.storage} · ${options.bffs} BFF · ${Math.round(report.seconds)} s · load average ${machine.loadAverage.toFixed(1)} on ${machine.cores} cores`,
    `payments ${figures.paid} paid (${figures.discounted} with a discount), ${figures.closed} closed; ${figures.refunded} refunds, ${figures.failedRefunds} failed; ${figures.decks} decks; ${figures.perSecond.toFixed(1)} visits/s`,
    ...Object.entries(figures.byChannel).map(
      ([name, { paid, closed }]) =>
        `  ${name}: ${paid} paid, ${closed} closed, ${figures.refundedBy[name] ?? 0} refunds`,
    ),
    `faults ${figures.kills} kills, ${figures.pauses} pauses, ${figures.flushes} FLUSHALL; all ended ${settled}`,
    ...(figures.reconciled
      ? [
          `reconciled ${figures.reconciled.lines} lines: ${figures.reconciled.planted} mistakes planted, ${figures.reconciled.found} found`,
        ]
      : []),
    ...(figures.audited ? [figures.audited] : []),
  ]
  const rows = lines.map(({ name, what, checked, violations }) => [
    name,
    what,
    String(checked),
    violations === 0 ? 'ok' : `${violations} BROKEN`,
  ])
  const samples = lines.flatMap(({ name, samples }) => samples.map((sample) => `  ${name}: ${sample}`))
  return [
    '',
    ...head,
    '',
    ...Object.entries(counts).map(([what, count]) => `${String(count).padStart(8)}  ${what}`),
    '',
    ...columns([['', 'promise', 'looked at', ''], ...rows]),
    ...(samples.length > 0 ? ['', ...samples] : []),
    '',
    report.violations === 0
      ? 'no violations'
      : `${report.violations} VIOLATIONS — replay the faults with --seed ${options.seed}`,
  ].join('\n')
}

/** The schedule in one line each, for whoever replays it. */
export function scheduleLines(acts: readonly Act[]): string[] {
  return acts.map((act) => {
    const how =
      act.does === 'flush'
        ? 'FLUSHALL'
        : `${act.does} for ${act.downMs} ms${act.does === 'kill' ? `, back ${act.back}` : ''}`
    return `${seconds(act.atMs).padStart(8)} s  ${act.part}  ${how}`
  })
}

export const seconds = (ms: number) => (ms / 1_000).toFixed(1)

function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 2 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd(),
  )
}

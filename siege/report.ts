import { cpus, loadavg } from 'node:os'
import type { Audited } from './audited'
import type { Figures } from './figures'
import type { Work } from './operator'
import type { Options } from './options'
import type { Tally } from './tally'

export interface Phase {
  name: string
  /** none: a calm */
  attacks: readonly string[]
  seconds: number
  honest: Figures
  tallies: Record<string, Tally>
  /** the most that the house's process had; undefined where this machine doesn't say */
  memoryMb: number | undefined
}

export interface Result {
  phases: readonly Phase[]
  /** before and after, taken together */
  calm: Figures
  listeners: { paid: number; heard: number; lost: number }
  operators: Work
  /** the house is the process that it was */
  alive: boolean
  audit: Audited
}

export interface Report extends Result {
  options: Options
  storage: string
  machine: { cores: number; loadAverage: number; node: string }
  seconds: number
  broken: readonly string[]
}

export const machine = (): Report['machine'] => ({
  cores: cpus().length,
  loadAverage: loadavg()[0]!,
  node: process.version,
})

/** Of the attackers' requests, those that an answer came to, or the end of their connection. */
export function answered(phases: readonly Phase[]): number {
  return phases.flatMap(({ tallies }) => Object.values(tallies)).reduce((sum, one) => sum + one.answered, 0)
}

/** The report for people. */
export function table(report: Report): string {
  const { phases, calm, options, listeners, operators, audit } = report
  const rows = phases.map(({ name, honest, memoryMb, tallies }) => [
    name,
    `${honest.paid}/${honest.payments}`,
    String(honest.toldToWait),
    ms(honest.p50),
    ms(honest.p99),
    (honest.p99 / calm.p99).toFixed(1),
    ms(honest.entryP99),
    ms(honest.shopP99),
    ms(honest.quoteP99),
    ms(honest.payP99),
    `${honest.cardsPercent.toFixed(0)} %`,
    memoryMb === undefined ? '–' : memoryMb.toFixed(0),
    answersOf(Object.values(tallies)),
  ])
  const head = [
    '',
    'paid',
    'told to wait',
    'p50 ms',
    'p99 ms',
    '× calm',
    'entry p99',
    'shop p99',
    'quote p99',
    'pay p99',
    'cards',
    'MB',
    'answers to the attackers',
  ]
  const counts = (of: Record<string, number>) => Object.entries(of).map(([what, count]) => `${count} × ${what}`)
  const refused = counts(operators.refused)
  const reasons = phases.flatMap(({ name, honest }) => {
    const all = counts(honest.reasons)
    return all.length > 0 ? [`quotes without a card, ${name}: ${all.join(', ')}`] : []
  })
  return [
    '',
    `seed ${options.seed} · ${report.storage} · ${report.seconds.toFixed(0)} s · load average ${report.machine.loadAverage.toFixed(1)} on ${report.machine.cores} cores · ${answered(phases).toLocaleString('en')} requests of attackers answered`,
    '',
    ...columns([head, ...rows]),
    '',
    `merchants heard of ${listeners.heard} of ${listeners.paid} orders; their sockets ended ${listeners.lost} times`,
    `operators logged in ${operators.logIns} times and saw ${operators.pages} pages${refused.length > 0 ? `; refused: ${refused.join(', ')}` : ''}`,
    ...reasons,
    `audit: ${audit.clean ? 'nothing differs' : audit.text}`,
    '',
    ...(report.broken.length === 0
      ? ['the house stands']
      : ['THE HOUSE FELL', ...report.broken.map((one) => `  ${one}`)]),
  ].join('\n')
}

const ms = (value: number) => (Number.isFinite(value) ? value.toFixed(0) : '–')

function answersOf(tallies: readonly Tally[]): string {
  const sum: Record<string, number> = {}
  for (const { answers } of tallies)
    for (const [name, count] of Object.entries(answers)) sum[name] = (sum[name] ?? 0) + count
  return Object.entries(sum)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name}: ${count.toLocaleString('en')}`)
    .join('  ')
}

function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const last = rows[0]!.length - 1
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 || at === last ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  )
}

import type { Part, Result } from './overloaded'
import { at, inAll, KINDS, type Kind, ofPaying } from './tally'

export interface Report extends Result {
  storage: string
  machine: { cores: number; loadAverage: number; node: string }
  seconds: number
  broken: readonly string[]
}

/** The report for people. */
export function table(report: Report): string {
  const { capacity, calm, over, after, back, lastOne, taken, open, audit } = report
  return [
    '',
    `${report.storage} · ${report.seconds.toFixed(0)} s · load average ${report.machine.loadAverage.toFixed(1)} on ${report.machine.cores} cores · it serves ${capacity.toFixed(0)} visits a second (a quote and a payment each)`,
    '',
    ...columns([HEAD, ...[calm, over, after].flatMap((part) => rowsOf(part, calm))]),
    '',
    ...[calm, over, after].map(partLine),
    '',
    `after it: nothing refused from second ${back.servesAllAfterS ?? '–'} on, p99 at most twice the calm’s from second ${back.swiftAfterS ?? '–'} on; who came last: ${lastOne}`,
    `${taken} orders taken, ${open} without an ending; audit: ${audit.clean ? 'nothing differs' : audit.text}`,
    '',
    ...(report.broken.length === 0
      ? ['the house stands']
      : ['THE HOUSE FELL', ...report.broken.map((one) => `  ${one}`)]),
  ].join('\n')
}

const HEAD = ['', '', 'asked/s', 'served/s', '503/s', '429/s', 'p50 ms', 'p99 ms', '× calm', 'refused p99', 'other']

function rowsOf(part: Part, calm: Part): string[][] {
  const a = (count: number) => (count === 0 ? '–' : (count / part.lasted).toFixed(1))
  return KINDS.filter((kind) => part.counts[kind].asked > 0).map((kind: Kind, i) => {
    const { asked, served, refused, limited, declined, faults, lost } = part.counts[kind]
    const p99 = at(0.99, served)
    const other = { declined, 'bare 5xx': faults, 'no answer': lost }
    return [
      ...[i === 0 ? part.name : '', kind, a(asked), a(served.length), a(refused.length), a(limited)],
      ...[ms(at(0.5, served)), ms(p99), (p99 / at(0.99, calm.counts[kind].served)).toFixed(1)],
      ...[
        ms(at(0.99, refused)),
        Object.entries(other)
          .flatMap(([name, n]) => (n > 0 ? [`${n} ${name}`] : []))
          .join(', '),
      ],
    ]
  })
}

function partLine(part: Part): string {
  const refused = ofPaying(part, 'refused').length
  const { gauges, memoryMb } = part
  const quotes = Object.entries(part.quotes).map(([reason, n]) => `${n} ${reason}`)
  return [
    `${part.name}: ${part.visits} came, ${part.paid} paid (${(part.paid / part.lasted).toFixed(0)}/s), ${refused} refusals of quotes and payments, ${inAll(part, 'faults')} bare 5xx`,
    `quotes: ${quotes.join(', ')}`,
    `event loop late ${gauges.lateMs.toFixed(0)} ms, step ${gauges.shedding}, ${gauges.underWay} under way (${gauges.atTheBank} at the bank), ${memoryMb?.toFixed(0) ?? '–'} MB; who measured was late ${part.ownLateMs.toFixed(0)} ms`,
  ].join('\n  ')
}

const ms = (value: number) => (Number.isFinite(value) ? value.toFixed(0) : '–')

function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) =>
    row
      .map((text, i) => (i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

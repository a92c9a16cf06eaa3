import { availableParallelism, cpus, loadavg } from 'node:os'
import type { DeckBytes } from './deck-bytes'
import type { Figure } from './figure'
import type { Orders } from './orders'
import type { Compared } from './rounds'
import type { WalletName } from './wallets'

export interface Report {
  machine: ReturnType<typeof machine>
  takes?: Compared
  quotes?: Compared
  orders?: Orders
  wallets?: Record<WalletName, Orders>
  /** null: this Redis can't tell */
  deck?: DeckBytes | null
}

export const TARGETS = { takes: 0.6, quotes: 0.5, orders: 0.6, deckBytes: 200, usedUpBytes: 1_024 }

export function machine(storage: { redis: string; sql: string }, quick: boolean) {
  return {
    at: new Date().toISOString(),
    quick,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    /** of the minute before the bench: above `cores`, others were running too */
    loadAverage: loadavg()[0]!,
    ...storage,
    targets: TARGETS,
  }
}

/** The report for people. */
export function table(report: Report): string {
  const { machine, takes, quotes, orders, deck } = report
  const wallets = Object.entries(report.wallets ?? {})
  const rows = [
    ['', 'ours /s', 'floor /s', 'ratio', 'rounds', 'target', '', 'CPU µs ours / floor', 'busy ours / floor'],
    ...(takes ? [compared('(a) Slots.take : empty script', takes, TARGETS.takes)] : []),
    ...(quotes ? [compared('(b) POST /api/quotes : bare Koa + 1 Redis', quotes, TARGETS.quotes)] : []),
    ...(orders ? [compared('(c) paid order : same round trips', orders, TARGETS.orders)] : []),
    ...wallets.map(([name, one]) => compared(`(e) paid order by ${name} : same round trips`, one, TARGETS.orders)),
  ]
  return [
    ...columns(rows),
    '',
    ...(orders ? [workLine('', orders)] : []),
    ...wallets.map(([name, one]) => workLine(` by ${name}`, one)),
    ...deckLines(deck),
    `on ${machine.cores} cores (${machine.cpu}), node ${machine.node}, ${machine.redis}, ${machine.sql}`,
    `load average at the start ${machine.loadAverage.toFixed(1)}${machine.quick ? '; --quick' : ''}`,
  ].join('\n')
}

export function figuresOf({ takes, quotes, orders, wallets, deck }: Omit<Report, 'machine'>): Figure[] {
  const one = (name: string, { ratio, ours, floor }: Compared): Figure[] => [
    { name, unit: '/s', value: ours.perSecond, floor: floor.perSecond, ratio },
  ]
  return [
    ...(takes ? one('cards taken', takes) : []),
    ...(quotes ? one('quotes', quotes) : []),
    ...(orders ? one('paid orders', orders) : []),
    ...Object.entries(wallets ?? {}).flatMap(([name, wallet]) => one(`paid orders by ${name}`, wallet)),
    ...(deck ? [{ name: 'an untouched deck', unit: 'B', value: deck.untouched } as const] : []),
    ...(deck ? [{ name: 'a used-up deck', unit: 'B', value: deck.usedUp } as const] : []),
  ]
}

function compared(name: string, { ratio, ours, floor, ratios }: Compared, target: number): string[] {
  const pair = (a: number | null, b: number | null, show: (value: number) => string) =>
    a === null || b === null ? '' : `${show(a)} / ${show(b)}`
  return [
    name,
    whole(ours.perSecond),
    whole(floor.perSecond),
    ratio.toFixed(2),
    `${ratios[0]!.toFixed(2)}–${ratios.at(-1)!.toFixed(2)}`,
    `≥ ${target}`,
    ratio >= target ? 'ok' : `short by ${(target - ratio).toFixed(3)}`,
    pair(ours.cpuUs, floor.cpuUs, whole),
    pair(ours.busy, floor.busy, (busy) => `${whole(busy * 100)} %`),
  ]
}

function workLine(by: string, { perOrder, floorWork }: Orders): string {
  const one = ({ sqlReads, sqlWrites, redisCalls, bankCalls }: Orders['perOrder']) =>
    `${+sqlReads.toFixed(2)} SQL reads, ${+sqlWrites.toFixed(2)} SQL writes, ${+redisCalls.toFixed(2)} Redis calls, ${+bankCalls.toFixed(2)} calls of the channel`
  return `a paid order of ours${by} made ${one(perOrder)}; the floor ${one(floorWork)}`
}

function deckLines(deck: DeckBytes | null | undefined): string[] {
  if (deck === undefined) return []
  if (deck === null) return ['(d) bytes a deck: not measured, this Redis has no MEMORY USAGE']
  const line = (name: string, bytes: number, most: number) =>
    `(d) ${name} deck of 20: ${bytes} B, target ≤ ${most}: ${bytes <= most ? 'ok' : `short by ${bytes - most} B`}`
  return [line('untouched', deck.untouched, TARGETS.deckBytes), line('used-up', deck.usedUp, TARGETS.usedUpBytes)]
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')

/** Pads every column to its widest cell; the first one to the left. */
export function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  )
}

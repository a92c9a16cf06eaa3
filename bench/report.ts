import { availableParallelism, cpus, loadavg } from 'node:os'
import type { DeckBytes } from './deck-bytes'
import type { Figure } from './figure'
import type { Orders } from './orders'
import type { Peer } from './peers'
import type { Compared } from './rounds'
import type { WalletName } from './wallets'

export interface Report {
  machine: ReturnType<typeof machine>
  takes?: Compared
  /** other ways to give out a card */
  peers?: Peer[]
  quotes?: Compared
  /** beside the floor of before, which does less than a service can */
  bare?: Compared
  orders?: Orders
  /** where each commit waits for the disk */
  durableOrders?: Orders
  wallets?: Record<WalletName, Orders>
  /** null: this Redis can't tell */
  deck?: DeckBytes | null
}

export const TARGETS = {
  takes: 0.8,
  peers: 2,
  quotes: 0.75,
  orders: 0.85,
  wallets: 0.6,
  deckBytes: 200,
  usedUpBytes: 1_024,
}

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
  const { machine, takes, peers = [], quotes, bare, orders, durableOrders, deck } = report
  const wallets = Object.entries(report.wallets ?? {})
  const rows = [
    ['', 'ours /s', 'other /s', 'by rate', 'rounds', 'CPU µs ours / other', 'by CPU', 'target', '', 'busy'],
    ...(takes ? [compared('(a) Slots.take : empty script', takes, TARGETS.takes)] : []),
    ...peers.map((peer) => compared(`(a) Slots.take : ${peer.name}`, peer, TARGETS.peers)),
    ...(quotes ? [compared('(b) POST /api/quotes : plain service', quotes, TARGETS.quotes)] : []),
    ...(bare ? [compared('(b) the same : bare Koa + 1 Redis GET', bare)] : []),
    ...(orders ? [compared('(c) paid order : same round trips', orders, TARGETS.orders)] : []),
    ...(durableOrders ? [compared('(c) the same, fsync on', durableOrders, TARGETS.orders)] : []),
    ...wallets.map(([name, one]) => compared(`(e) paid order by ${name} : same round trips`, one, TARGETS.wallets)),
  ]
  return [
    ...columns(rows),
    '',
    ...(orders ? [workLine('', orders)] : []),
    ...(durableOrders ? [workLine(' with fsync', durableOrders)] : []),
    ...wallets.map(([name, one]) => workLine(` by ${name}`, one)),
    ...deckLines(deck),
    `on ${machine.cores} cores (${machine.cpu}), node ${machine.node}, ${machine.redis}, ${machine.sql}`,
    `load average at the start ${machine.loadAverage.toFixed(1)}${machine.quick ? '; --quick' : ''}`,
  ].join('\n')
}

export function figuresOf(report: Omit<Report, 'machine'>): Figure[] {
  const { takes, peers = [], quotes, orders, durableOrders, wallets, deck } = report
  const one = (name: string, sides: Compared): Figure[] => [
    { name, unit: '/s', value: sides.ours.perSecond, floor: sides.floor.perSecond, ratio: judged(sides) },
  ]
  return [
    ...(takes ? one('cards taken', takes) : []),
    ...peers.flatMap((peer) => one(`cards taken, beside ${peer.name}`, peer)),
    ...(quotes ? one('quotes', quotes) : []),
    ...(orders ? one('paid orders', orders) : []),
    ...(durableOrders ? one('paid orders, fsync on', durableOrders) : []),
    ...Object.entries(wallets ?? {}).flatMap(([name, wallet]) => one(`paid orders by ${name}`, wallet)),
    ...(deck ? [{ name: 'an untouched deck', unit: 'B', value: deck.untouched } as const] : []),
    ...(deck ? [{ name: 'a used-up deck', unit: 'B', value: deck.usedUp } as const] : []),
  ]
}

/** CPU for CPU where processes tell it: whoever else is at work on a machine takes turns from a rate, and hardly adds to a request's CPU. */
export const judged = ({ ratio, cpuRatio }: Compared): number => cpuRatio ?? ratio

/** Without a target a row says only what it is. */
function compared(name: string, sides: Compared, target?: number): string[] {
  const { ratio, ours, floor, ratios, cpuRatio } = sides
  const pair = (a: number | null, b: number | null, show: (value: number) => string) =>
    a === null || b === null ? '' : `${show(a)} / ${show(b)}`
  const short = target === undefined ? 0 : target - judged(sides)
  return [
    name,
    whole(ours.perSecond),
    whole(floor.perSecond),
    ratio.toFixed(2),
    `${ratios[0]!.toFixed(2)}–${ratios.at(-1)!.toFixed(2)}`,
    pair(ours.cpuUs, floor.cpuUs, whole),
    cpuRatio === null ? '' : cpuRatio.toFixed(2),
    target === undefined ? '' : `≥ ${target}`,
    target === undefined ? '' : short <= 0 ? 'ok' : `short by ${short.toFixed(3)}`,
    pair(ours.busy, floor.busy, (busy) => `${whole(busy * 100)} %`),
  ]
}

function workLine(by: string, { perOrder: { sqlReads, sqlWrites, redisCalls, bankCalls } }: Orders): string {
  const one = `${+sqlReads.toFixed(2)} SQL reads, ${+sqlWrites.toFixed(2)} SQL writes, ${+redisCalls.toFixed(2)} Redis calls, ${+bankCalls.toFixed(2)} calls of the channel`
  return `a paid order${by} made ${one}; the floor as many, in parts by turns`
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

import { z } from 'zod'
import type { Entry } from './statement-entries'

/** What the sandbox bank can be told to do wrong in its statements. */

/** In the books of a day's file, for good: a line each. `times` is how many lines. */
const BOOK_FAULTS = ['book-twice', 'leave-out', 'wrong-amount', 'wrong-gl', 'phantom'] as const
/** Of the file as a whole, as it is fetched. `times` is how many fetches; absent: until it is cleared. */
const FILE_FAULTS = ['truncate', 'tamper', 'wrong-totals', 'wrong-date'] as const

/** A day whose file holds none of its bookings, for good; once. */
const EMPTY = 'empty'

const fault = z.object({
  mode: z.enum([...BOOK_FAULTS, ...FILE_FAULTS, EMPTY]),
  times: z.int().min(1).optional(),
  /** the one order whose lines it strikes; absent: the first ones it can */
  orderNo: z.string().optional(),
})
export const faultList = z.array(fault)
export type Fault = z.infer<typeof fault>
export type StatementFaultInput = z.input<typeof fault>

/** One mistake of a day's file, so that whoever reconciles it can be held to finding that and no other. */
export interface Plant {
  mode: (typeof BOOK_FAULTS)[number]
  kind: Entry['kind']
  orderNo: string
  refundNo: string
}

export function isFileFault({ mode }: Fault): boolean {
  return FILE_FAULTS.some((one) => one === mode)
}

/** The mistakes that the faults make in the file, a line having one at the most. Counts how often each has struck. */
export function planted(entries: readonly Entry[], faults: (Fault & { struck: number })[], date: string): Plant[] {
  const plants: Plant[] = []
  const take = (mode: Plant['mode'], { kind, orderNo, refundNo }: Omit<Plant, 'mode'>) =>
    plants.push({ mode, kind, orderNo, refundNo })
  const empty = faults.find((one) => one.mode === EMPTY && one.struck === 0)
  if (empty) {
    empty.struck++
    for (const entry of entries) take('leave-out', entry)
    return plants
  }
  const bookFaults = faults.flatMap((one) => {
    const mode = BOOK_FAULTS.find((known) => known === one.mode)
    return mode ? [{ fault: one, mode }] : []
  })
  const due = ({ fault: { times = 1, struck } }: (typeof bookFaults)[number]) => struck < times
  for (const entry of entries) {
    const hit = bookFaults.find((one) => due(one) && fits(one.fault, entry))
    if (!hit) continue
    hit.fault.struck++
    take(hit.mode, entry)
  }
  for (const one of bookFaults)
    for (; one.mode === 'phantom' && due(one); one.fault.struck++)
      take('phantom', { kind: 'clearing', orderNo: `PHANTOM-${date}-${one.fault.struck + 1}`, refundNo: '' })
  return plants
}

function fits({ mode, orderNo }: Fault, entry: Entry): boolean {
  if (mode === 'phantom' || (mode === 'wrong-gl' && entry.glFen === 0)) return false
  return orderNo === undefined || orderNo === entry.orderNo
}

/** The day's entries with the mistakes in them. */
export function withPlants(entries: readonly Entry[], plants: readonly Plant[]): Entry[] {
  const key = ({ kind, orderNo, refundNo }: Omit<Plant, 'mode'>) => [kind, orderNo, refundNo].join('|')
  const modes = new Map(plants.map((plant) => [key(plant), plant.mode]))
  const lines = entries.flatMap((entry) => {
    switch (modes.get(key(entry))) {
      case 'book-twice':
        return [entry, entry]
      case 'leave-out':
        return []
      case 'wrong-amount': // by one fen, still in balance
        return [{ ...entry, payerFen: entry.payerFen - 1, merchantFen: entry.merchantFen + 1 }]
      case 'wrong-gl':
        return [{ ...entry, glAccount: `${entry.glAccount}-99` }]
      default:
        return [entry]
    }
  })
  const phantoms = plants.filter((plant) => plant.mode === 'phantom')
  return [...lines, ...phantoms.map((plant) => phantom(plant.orderNo, entries.at(-1)?.bookedAt ?? 0))]
}

/** A booking of an order that nobody here ever made. */
function phantom(orderNo: string, bookedAt: number): Entry {
  return {
    kind: 'clearing',
    orderNo,
    refundNo: '',
    channelTradeNo: `B${orderNo}`,
    bookedAt,
    payerFen: -1_234,
    glFen: 0,
    merchantFen: 1_234,
    glAccount: '',
    merchantAccount: 'acct-PHANTOM',
    payerTail: '4321',
  }
}

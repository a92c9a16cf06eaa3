import { createHash } from 'node:crypto'
import { addDays, businessDate, isBusinessDate } from '../../domain/business-date'
import type { Books } from './books'
import type { Call } from './calls'
import { type Entry, entriesOf, NO_SUMS, type Sums, sumsOf, trailerOf } from './statement-entries'
import { type Fault, faultList, isFileFault, type Plant, planted, withPlants } from './statement-faults'
import type { Answer } from './views'

/** What the statements remember besides the books: when days were cut, and what was planted in a day's file. */
export type StatementFact =
  /** what is booked from `at` on belongs to the day after `date`, or a later one */
  { type: 'cut'; date: string; at: number } | { type: 'planted'; date: string; plants: Plant[] }

export interface StatementJournal {
  readonly facts: readonly StatementFact[]
  append(fact: StatementFact): void
}

/**
 * The statements of days that are cut (日切): at midnight in Shanghai, or earlier when the sandbox is told. What a file holds
 * never changes once it was asked for, and mistakes planted in it stay; a fault of the transfer passes.
 */
export class Statements {
  private readonly cuts: { date: string; at: number }[] = []
  private readonly plants = new Map<string, Plant[]>()
  private faults: (Fault & { struck: number })[] = []
  /** how the file that the last manifest of a date spoke of is wrong as a whole */
  private readonly bent = new Map<string, 'wrong-totals' | 'wrong-date' | undefined>()

  constructor(
    private readonly books: Books,
    private readonly journal: StatementJournal,
    private readonly now: () => number,
  ) {
    for (const fact of journal.facts) this.apply(fact)
  }

  /** The signed call for a manifest; undefined when the request is for something else. */
  call(method: string, path: string): Call | undefined {
    const date = /^\/v1\/statements\/([^/]+)$/.exec(path)?.[1]
    if (method !== 'GET' || date === undefined) return undefined
    return { verb: 'statement', orderNo: undefined, run: () => this.refusal(date) ?? this.manifest(date) }
  }

  /** The file as it goes out, in pieces; an {@link Answer} when there is none; undefined when the request is for something else. */
  file(method: string, path: string): Iterable<string> | Answer | undefined {
    const date = /^\/v1\/statements\/([^/]+)\/file$/.exec(path)?.[1]
    if (method !== 'GET' || date === undefined) return undefined
    const text = this.refusal(date) ?? this.text(date)
    if ('status' in text) return text
    const fault = this.strike((one) => one.mode === 'truncate' || one.mode === 'tamper')
    if (fault?.mode === 'truncate') return halfOf(text)
    return fault ? tampered(text) : text
  }

  /** The sandbox's own routes. */
  admin(method: string, path: string, body: Buffer): Answer {
    const [, date, verb] = /^\/sandbox\/statements\/(\d{4}-\d{2}-\d{2})(\/cut)?$/.exec(path) ?? []
    if (date && verb && method === 'POST') {
      if (isBusinessDate(date) && date >= this.openDate()) this.cut(date)
      return { status: 200, body: { openDate: this.openDate() } }
    }
    if (date && method === 'GET')
      return { status: 200, body: { date, ready: date < this.openDate(), planted: this.plants.get(date) ?? [] } }
    switch (`${method} ${path}`) {
      case 'GET /sandbox/statements':
        return { status: 200, body: [...this.plants].map(([day, plants]) => ({ date: day, planted: plants })) }
      case 'GET /sandbox/statements/faults':
        return { status: 200, body: this.faults }
      case 'PUT /sandbox/statements/faults': {
        const told = faultList.safeParse(jsonOf(body))
        if (!told.success) return { status: 400, body: { code: 'invalid-fault', detail: told.error.message } }
        this.faults = told.data.map((fault) => ({ ...fault, struck: 0 }))
        return { status: 200, body: told.data }
      }
      default:
        return { status: 404, body: { code: 'not-found' } }
    }
  }

  private cut(date: string): void {
    this.record({ type: 'cut', date, at: this.now() })
    this.plant(date)
  }

  /** The mistakes of a day are made when it is cut by hand, else when its file is first asked for. */
  private plant(date: string): void {
    if (this.plants.has(date)) return
    this.record({ type: 'planted', date, plants: planted(this.entries(date), this.faults, date) })
  }

  private refusal(date: string): Answer | undefined {
    if (!isBusinessDate(date)) return { status: 400, body: { code: 'invalid-request' } }
    return date < this.openDate() ? undefined : { status: 404, body: { code: 'statement-not-ready' } }
  }

  private manifest(date: string): Answer {
    this.plant(date)
    const whole = this.strike((one) => one.mode === 'wrong-totals' || one.mode === 'wrong-date')
    this.bent.set(date, whole?.mode === 'wrong-totals' || whole?.mode === 'wrong-date' ? whole.mode : undefined)
    const hash = createHash('sha256')
    let bytes = 0
    for (const piece of this.text(date)) {
      hash.update(piece)
      bytes += Buffer.byteLength(piece)
    }
    const totals = this.sums(date, withPlants(this.entries(date), this.plants.get(date)!))
    const lines = totals.clearing.count + totals.refund.count
    return { status: 200, body: { date, sha256: hash.digest('hex'), bytes, lines, totals } }
  }

  private *text(date: string): Generator<string> {
    const bent = this.bent.get(date)
    const entries = withPlants(this.entries(date), this.plants.get(date) ?? [])
    yield `FAPAI-STATEMENT|2|${bent === 'wrong-date' ? addDays(date, -1) : date}\n`
    for (const entry of entries) yield lineOf(entry)
    yield trailerOf(this.sums(date, entries))
  }

  private sums(date: string, entries: readonly Entry[]): Sums {
    const sums = entries.length === 0 ? NO_SUMS : sumsOf(entries)
    if (this.bent.get(date) !== 'wrong-totals') return sums
    return { ...sums, clearing: { ...sums.clearing, payerFen: sums.clearing.payerFen - 1 } }
  }

  private entries(date: string): Entry[] {
    return entriesOf(this.books, (bookedAt) => this.dateOf(bookedAt) === date)
  }

  /** The day a booking belongs to: the calendar's, unless that was cut before. */
  private dateOf(bookedAt: number): string {
    const after = this.cuts.filter((cut) => cut.at <= bookedAt).map((cut) => addDays(cut.date, 1))
    return [businessDate(bookedAt), ...after].sort().at(-1)!
  }

  private openDate(): string {
    return this.dateOf(this.now())
  }

  private strike(fits: (fault: Fault) => boolean): Fault | undefined {
    const hit = this.faults.find(
      (one) => isFileFault(one) && fits(one) && one.struck < (one.times ?? Number.POSITIVE_INFINITY),
    )
    if (hit) hit.struck++
    return hit
  }

  private record(fact: StatementFact): void {
    this.journal.append(fact)
    this.apply(fact)
  }

  private apply(fact: StatementFact): void {
    if (fact.type === 'cut') this.cuts.push({ date: fact.date, at: fact.at })
    else this.plants.set(fact.date, fact.plants)
  }
}

function lineOf(entry: Entry): string {
  const { kind, orderNo, refundNo, channelTradeNo, bookedAt, payerFen, glFen, merchantFen } = entry
  const names = [kind === 'clearing' ? 'C' : 'R', orderNo, refundNo, channelTradeNo, bookedAt]
  return `${[...names, payerFen, glFen, merchantFen, entry.glAccount, entry.merchantAccount, entry.payerTail].join('|')}\n`
}

function* halfOf(text: Iterable<string>): Generator<string> {
  const pieces = [...text]
  yield* pieces.slice(0, Math.ceil(pieces.length / 2))
}

/** One character of the first line after the header is another; the length stays. */
function* tampered(text: Iterable<string>): Generator<string> {
  let place = 0
  for (const piece of text)
    yield place++ === 1 ? piece.replace(/.\n$/, (end) => (end === '0\n' ? '1\n' : '0\n')) : piece
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

import { createReadStream } from 'node:fs'
import { CURRENCY } from '../../domain/channel'
import { type EntryKind, NO_TOTALS, type Side, type StatementLine, sameTotals, type Totals } from '../../domain/match'
import type { StatementManifest, StatementRefusal } from '../../flow/ports'

/** Reads the text of a statement (docs/bank-channel.md) in constant memory. */

export class StatementRefused extends Error {
  override name = 'StatementRefused'
  constructor(
    readonly code: StatementRefusal,
    message: string,
  ) {
    super(message)
  }
}

/** Lines given out at once: one insert of some 100 ms. */
const BATCH_LINES = 5_000
/** The longest line the format allows has under 500 characters. */
const MAX_LINE_CHARS = 1_000
const READ_BYTES = 1 << 18

const HEADER = /^FAPAI-STATEMENT\|([12])\|(\d{4}-\d{2}-\d{2})$/
/** Of each version of the format: the first says nothing of the payer. */
const FIELDS = { '1': 10, '2': 11 } as const
type Version = keyof typeof FIELDS
const TAIL = /^\d{4}$/
const NUMBER = /^[A-Za-z0-9_-]{1,64}$/
const NAME = /^[\x21-\x7b\x7d\x7e]{1,64}$/
const AMOUNT = /^(0|-?[1-9]\d{0,14})$/
const TIME = /^\d{13}$/
const KINDS: Record<string, EntryKind | undefined> = { C: 'clearing', R: 'refund' }

/**
 * Reads the whole file once: header, every line, trailer, and that their sums are the trailer's and the manifest's.
 * @throws StatementRefused
 */
export async function checkFile(file: string, manifest: StatementManifest): Promise<void> {
  const sums = new Sums()
  let trailer: string | undefined
  let version: Version = '1'
  let lineNo = -1
  for await (const rows of rowsOf(file))
    for (const row of rows) {
      lineNo++
      if (lineNo === 0) version = headerOf(row, manifest.date)
      else if (trailer !== undefined) throw malformed(lineNo, 'it goes on after its trailer')
      else if (row.startsWith('END|')) trailer = row
      else sums.add(parsed(row, lineNo, version))
    }
  if (trailer === undefined) throw malformed(lineNo, 'it has no trailer')
  const { lines, totals } = sums.all()
  if (trailer !== trailerOf(lines, totals))
    throw new StatementRefused('statement-wrong-totals', `its trailer isn't the sum of its ${lines} lines`)
  if (lines !== manifest.lines || !sameTotals(totals, manifest.totals))
    throw new StatementRefused('statement-wrong-totals', `its lines aren't what its manifest says`)
}

/** The lines of a file that was checked, in batches. */
export async function* linesOf(file: string): AsyncGenerator<StatementLine[]> {
  let batch: StatementLine[] = []
  let version: Version = '1'
  let lineNo = -1
  for await (const rows of rowsOf(file))
    for (const row of rows) {
      lineNo++
      if (lineNo === 0) version = headerOf(row)
      if (lineNo === 0 || row.startsWith('END|')) continue
      batch.push(parsed(row, lineNo, version))
      if (batch.length < BATCH_LINES) continue
      yield batch
      batch = []
    }
  if (batch.length > 0) yield batch
}

/** Whole rows, some thousand at a time. A file that doesn't end with a line break isn't whole. */
async function* rowsOf(file: string): AsyncGenerator<string[]> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: READ_BYTES })) {
    const rows = (rest + chunk).split('\n')
    rest = rows.pop()!
    if (rest.length > MAX_LINE_CHARS) break
    yield rows
  }
  if (rest !== '') throw new StatementRefused('statement-malformed', 'its last line has no end')
}

/** The version of the format. `date`: of which it must be. @throws StatementRefused */
function headerOf(row: string, date?: string): Version {
  const [, version, of] = HEADER.exec(row) ?? []
  if (version === undefined) throw malformed(0, 'its header is none')
  if (date !== undefined && of !== date)
    throw new StatementRefused('statement-wrong-date', `asked for ${date}, the file is of ${of}`)
  return version as Version
}

/** `lineNo` counts from 1, the header being 0. @throws StatementRefused */
function parsed(row: string, lineNo: number, version: Version): StatementLine {
  const fields = row.split('|')
  const [letter = '', orderNo = '', refundNo = '', channelTradeNo = '', time = ''] = fields
  const [payer = '', gl = '', merchant = '', glAccount = '', merchantAccount = '', tail = ''] = fields.slice(5)
  const kind = KINDS[letter]
  if (fields.length !== FIELDS[version] || !kind) throw malformed(lineNo, 'it is no booking')
  if (!NUMBER.test(orderNo) || (kind === 'refund' ? !NUMBER.test(refundNo) : refundNo !== ''))
    throw malformed(lineNo, 'its numbers')
  if (!NAME.test(channelTradeNo) || !TIME.test(time)) throw malformed(lineNo, 'its trade number or time')
  if (!AMOUNT.test(payer) || !AMOUNT.test(gl) || !AMOUNT.test(merchant)) throw malformed(lineNo, 'its amounts')
  const [payerFen, glFen, merchantFen] = [Number(payer), Number(gl), Number(merchant)]
  if (payerFen + glFen + merchantFen !== 0) throw malformed(lineNo, 'its legs are not in balance')
  if (!NAME.test(merchantAccount) || (glFen === 0 ? glAccount !== '' : !NAME.test(glAccount)))
    throw malformed(lineNo, 'its accounts')
  // Who neither pays nor gets anything, by a claw-back, isn't named.
  if (version === '2' && (payerFen === 0 ? tail !== '' : !TAIL.test(tail))) throw malformed(lineNo, 'its payer')
  return {
    lineNo,
    kind,
    orderNo,
    refundNo: refundNo === '' ? null : refundNo,
    channelTradeNo,
    bookedAt: Number(time),
    payerFen,
    glFen,
    merchantFen,
    glAccount: glAccount === '' ? null : glAccount,
    merchantAccount,
    payerTail: tail === '' ? null : tail,
    // amounts are fen by the contract of the bank
    currency: CURRENCY,
  }
}

function malformed(lineNo: number, what: string): StatementRefused {
  return new StatementRefused('statement-malformed', `line ${lineNo}: ${what}`)
}

function trailerOf(lines: number, { clearing, refund }: Totals): string {
  const fields = (side: Side) => [side.count, side.payerFen, side.glFen, side.merchantFen]
  return `END|${[lines, ...fields(clearing), ...fields(refund)].join('|')}`
}

/** Adds in place: a million lines make no million objects. */
class Sums {
  private readonly sides: Totals = structuredClone(NO_TOTALS)

  add({ kind, payerFen, glFen, merchantFen }: StatementLine): void {
    const side = this.sides[kind]
    side.count++
    side.payerFen += payerFen
    side.glFen += glFen
    side.merchantFen += merchantFen
  }

  all(): { lines: number; totals: Totals } {
    const { clearing, refund } = this.sides
    const beyond = [clearing, refund].some((side) => !Object.values(side).every(Number.isSafeInteger))
    if (beyond) throw new StatementRefused('statement-wrong-totals', 'its sums are beyond 2⁵³ fen')
    return { lines: clearing.count + refund.count, totals: this.sides }
  }
}

import { readFileSync } from 'node:fs'
import { addDays, businessDate } from '../server/domain/business-date'
import { plainYuan } from '../server/domain/money'
import { ruleFaults } from '../server/domain/rule'
import { type DeckProof, proveDeck } from '../server/domain/verify-deck'
import { type DeckView, deckView } from '../server/http/contract'
import { command, optionsFrom, Refused } from './command'

/**
 * `npm run verify-deck -- --campaign C --merchant M [--date D] [--url http://…]` or `-- --file deck.json`: proves a deck from
 * what is published of it, without a key: the commitment is the seed's, and every card is the one that the seed deals by the
 * published rule. Yesterday's unless told. Exit code 0: it holds; 1: it doesn't, and where; 2: it can't be said (no such deck,
 * not revealed yet, no answer).
 */

const EXIT = { holds: 0, broken: 1 } as const
const TIMEOUT_MS = 10_000

async function main(): Promise<number> {
  const values = optionsFrom({
    campaign: { type: 'string' },
    merchant: { type: 'string' },
    date: { type: 'string', default: addDays(businessDate(Date.now()), -1) },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    file: { type: 'string' },
  })
  const read = deckView.safeParse(values.file ? fromFile(values.file) : await published(values))
  if (!read.success) throw new Refused(`that is no deck: ${read.error.issues[0]!.path.join('.')}`)
  const deck = read.data
  const { seed, amountsFen } = deck
  if (seed === null || amountsFen === null)
    throw new Refused(`seed and amounts are revealed at ${deck.revealedAt}; until then there is only the commitment`)
  const fault = ruleFaults({ ...deck.rule, startDate: deck.businessDate, endDate: deck.businessDate })[0]
  if (fault) throw new Refused(`no deck can be dealt from its rule: ${fault.message}`)
  const proof = proveDeck({ ...deck, seed: Buffer.from(seed, 'hex'), amountsFen })
  process.stdout.write(`${report(deck, proof).join('\n')}\n`)
  return proof.holds ? EXIT.holds : EXIT.broken
}

function fromFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Refused(`${path}: ${(error as Error).message}`)
  }
}

async function published(of: { campaign?: string; merchant?: string; date: string; url: string }): Promise<unknown> {
  if (!of.campaign || !of.merchant) throw new Refused('say --campaign and --merchant, or --file')
  const path = [of.campaign, of.merchant, of.date].map(encodeURIComponent).join('/')
  const url = `${of.url.replace(/\/$/, '')}/api/decks/${path}`
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
    throw new Refused(`${url} can't be reached: ${error.message}`)
  })
  const body = (await answer.json().catch(() => ({}))) as { code?: string; title?: string }
  if (!answer.ok) throw new Refused(`${url} answers ${answer.status}: ${body.title ?? body.code ?? 'no deck'}`)
  return body
}

function report(deck: DeckView, proof: DeckProof): string[] {
  const mark = (holds: boolean) => (holds ? '✓' : '✗')
  const fen = (value: number | null) => (value === null ? 'no card' : `¥${plainYuan(value)} (${value} fen)`)
  const { rule } = deck
  const same = proof.differing.length === 0
  return [
    `${deck.campaignId} · ${deck.merchantName} (${deck.merchantCode}) · ${deck.businessDate} · version ${deck.version}`,
    `${mark(proof.committed)} SHA-256 of the seed is the commitment that was published: ${deck.commitment}`,
    `${mark(same)} ${same ? `all ${rule.slots} cards are those that the seed deals` : `${proof.differing.length} cards aren't those that the seed deals`}`,
    ...proof.differing.map(
      ({ slot, isFen, shouldBeFen }) => `    slot ${slot + 1}: is ${fen(isFen)}, should be ${fen(shouldBeFen)}`,
    ),
    `${mark(proof.inBand >= proof.promised)} ${proof.inBand} of ${rule.slots} cards in the band ¥${plainYuan(rule.bandMinFen)}–${plainYuan(rule.bandMaxFen)}, ${proof.promised} are promised`,
    `${mark(proof.withinBounds)} every card is ¥${plainYuan(rule.minFen)}–${plainYuan(rule.maxFen)}`,
    proof.holds ? 'The deck holds.' : 'The deck does NOT hold.',
  ]
}

command(main)

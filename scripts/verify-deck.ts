import { readFileSync } from 'node:fs'
import { addDays, businessDate } from '../server/domain/business-date'
import { plainYuan } from '../server/domain/money'
import { ruleFaults } from '../server/domain/rule'
import { type DeckProof, proveDeck, type Receipt, type RevealedSecret } from '../server/domain/verify-deck'
import {
  campaignSecretView,
  type DeckCheckBody,
  type DeckView,
  deckCheckBody,
  orderView,
} from '../server/http/contract'
import { command, optionsFrom, Refused } from './command'

/**
 * `npm run verify-deck -- --campaign C --merchant M [--date D] [--url http://…] [--receipt order.json]` or `-- --file deck.json
 * [--secret secret.json] [--receipt order.json]`: proves a deck from what is published of it, without a key (docs/PROOF.md): its
 * commitment opens to it and to nothing else, every card is the one that the seed deals by the published rule, and once its campaign is
 * over the seed follows from the secret that the approval committed to. `--receipt`: an order as its payer got it from the API; its card is of
 * that deck. Yesterday's unless told. Exit code 0: it holds; 1: it doesn't, and where; 2: it can't be said (no such deck, not revealed
 * yet, no answer).
 */

const EXIT = { holds: 0, broken: 1 } as const
const TIMEOUT_MS = 10_000

type Deck = DeckCheckBody['deck']
type Options = ReturnType<typeof optionsOf>

async function main(): Promise<number> {
  const values = optionsOf()
  const deck = await deckOf(values)
  const fault = ruleFaults({ ...deck.rule, startDate: deck.businessDate, endDate: deck.businessDate })[0]
  if (fault) throw new Refused(`no deck can be dealt from its rule: ${fault.message}`)
  const wantedSlots = deck.wantedSlots ?? deck.rule.slots
  const receipt = values.receipt ? receiptOf(values.receipt) : null
  const secret = await secretOf(values, deck)
  const proof = proveDeck({ ...deck, wantedSlots, seed: Buffer.from(deck.seed, 'hex') }, { receipt, secret })
  process.stdout.write(`${report(deck, proof, receipt).join('\n')}\n`)
  return proof.holds ? EXIT.holds : EXIT.broken
}

function optionsOf() {
  return optionsFrom({
    campaign: { type: 'string' },
    merchant: { type: 'string' },
    date: { type: 'string', default: addDays(businessDate(Date.now()), -1) },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    file: { type: 'string' },
    secret: { type: 'string' },
    receipt: { type: 'string' },
  })
}

async function deckOf(values: Options): Promise<Deck> {
  const given = values.file ? fromFile(values.file) : await published(values)
  const { seed, revealedAt } = given as Partial<DeckView>
  if (seed === null)
    throw new Refused(`seed and amounts are revealed at ${revealedAt}; until then there is only the commitment`)
  const read = deckCheckBody.shape.deck.safeParse(given)
  if (!read.success) throw new Refused(`that is no deck: ${read.error.issues[0]!.path.join('.')}`)
  return read.data
}

function receiptOf(path: string): Receipt {
  const read = orderView.pick({ card: true, discountFen: true }).safeParse(fromFile(path))
  const card = read.data?.card
  if (!card) throw new Refused(`${path}: that is no order with a card`)
  if (card.commitment === null) throw new Refused(`${path}: its payer was told no commitment`)
  return { commitment: card.commitment, slot: card.slotNumber - 1, discountFen: read.data!.discountFen }
}

/** Null while it isn't revealed; of a deck in a file only by another file. */
async function secretOf(values: Options, { campaignId, version }: Deck): Promise<RevealedSecret | null> {
  if (values.file && !values.secret) return null
  const path = `/api/campaigns/${encodeURIComponent(campaignId)}/secret`
  const given = values.secret ? fromFile(values.secret) : await fetched(values.url, path)
  const read = campaignSecretView.safeParse(given)
  if (!read.success) throw new Refused(`those are no campaign's secrets: ${read.error.issues[0]!.path.join('.')}`)
  const known = read.data.versions.find((one) => one.version === version)
  if (!known?.commitment || known.secret === null) return null
  return { commitment: known.commitment, secret: Buffer.from(known.secret, 'hex') }
}

function fromFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Refused(`${path}: ${(error as Error).message}`)
  }
}

function published(of: Options): Promise<unknown> {
  if (!of.campaign || !of.merchant) throw new Refused('say --campaign and --merchant, or --file')
  return fetched(of.url, `/api/decks/${[of.campaign, of.merchant, of.date].map(encodeURIComponent).join('/')}`)
}

async function fetched(base: string, path: string): Promise<unknown> {
  const url = `${base.replace(/\/$/, '')}${path}`
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
    throw new Refused(`${url} can't be reached: ${error.message}`)
  })
  const body = (await answer.json().catch(() => ({}))) as { code?: string; title?: string }
  if (!answer.ok) throw new Refused(`${url} answers ${answer.status}: ${body.title ?? body.code ?? 'no deck'}`)
  return body
}

const mark = (holds: boolean) => (holds ? '✓' : '✗')
const fenWords = (value: number | null) => (value === null ? 'no card' : `¥${plainYuan(value)} (${value} fen)`)

function report(deck: Deck, proof: DeckProof, receipt: Receipt | null): string[] {
  const { rule } = deck
  const same = proof.differing.length === 0
  return [
    `${deck.campaignId} · ${deck.merchantCode} · ${deck.businessDate} · version ${deck.version}`,
    `${mark(proof.committed)} the commitment that was published opens to this deck: ${deck.commitment}`,
    `${mark(same)} ${same ? `all ${rule.slots} cards are those that the seed deals` : `${proof.differing.length} cards aren't those that the seed deals`}`,
    ...proof.differing.map(
      ({ slot, isFen, shouldBeFen }) =>
        `    slot ${slot + 1}: is ${fenWords(isFen)}, should be ${fenWords(shouldBeFen)}`,
    ),
    `${mark(proof.inBand >= proof.promised)} ${proof.inBand} of ${rule.slots} cards in the band ¥${plainYuan(rule.bandMinFen)}–${plainYuan(rule.bandMaxFen)}, ${proof.promised} are promised`,
    `${mark(proof.withinBounds)} every card is ¥${plainYuan(rule.minFen)}–${plainYuan(rule.maxFen)}, and there are no more than the rule says`,
    ...receiptLines(proof.receipt, receipt),
    derivedLine(proof.derived),
    `  ${deck.beacon ? `mixed in: round ${deck.beacon.round} of ${deck.beacon.source}, ${deck.beacon.value}: compare it there` : 'no public beacon was mixed in'}`,
    proof.holds ? 'The deck holds.' : 'The deck does NOT hold.',
  ]
}

function receiptLines(found: DeckProof['receipt'], receipt: Receipt | null): string[] {
  if (!found || !receipt) return []
  return [
    `${mark(found.sameDeck)} the receipt names the commitment of this deck`,
    `${mark(found.sameCard)} its card, number ${receipt.slot + 1}, is ${fenWords(receipt.discountFen)}`,
  ]
}

function derivedLine(derived: boolean | null): string {
  if (derived === null)
    return "  whether the seed follows from the campaign's secret can be checked once the campaign is over"
  return `${mark(derived)} the seed follows from the secret that the campaign's approval committed to`
}

command(main)

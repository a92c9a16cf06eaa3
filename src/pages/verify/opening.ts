import type { CampaignSecretView, DeckView } from '@contract'
import { hmac } from '@noble/hashes/hmac'
import { sha256 } from '@noble/hashes/sha2'
import { hexOf, sha256Hex } from './deal'

/** Commitments once more, written from docs/PROOF.md and not from the server's code. */

type Value = string | number | null | { [name: string]: Value }

/** RFC 8785 for what a deck is named by: whole numbers, texts, nothing, and objects of these with their names in order. */
function oneText(value: Value): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const parts = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${oneText(value[name]!)}`)
  return `{${parts.join(',')}}`
}

/** Not every web view has a TextEncoder. */
const utf8 = (text: string) =>
  Uint8Array.from(encodeURIComponent(text).match(/%..|./g) ?? [], (part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  )

/** A deck from before commitments had a tag commits to its seed alone. */
export const isOld = (commitment: string) => !commitment.startsWith('v2.')

/** What a deck of this name, rule and seed commits to. */
export function commitmentOf(deck: DeckView, seed: Uint8Array): string {
  if (isOld(deck.commitment)) return sha256Hex(seed)
  const { thresholdFen, slots, minFen, maxFen, bandMinFen, bandMaxFen, bandPercent, payerPercent } = deck.rule
  const rule = { thresholdFen, minFen, maxFen, bandMinFen, bandMaxFen, bandPercent, payerPercent }
  const opening = oneText({
    ...nameOf(deck),
    rule: { ...rule, slots: deck.wantedSlots },
    slots,
    seed: hexOf(seed),
  })
  return `v2.${sha256Hex(utf8(`fapai deck v2\n${opening}`))}`
}

/** The seed that a campaign's secret gives the deck, hex. */
export function seedFrom(secret: Uint8Array, deck: DeckView): string {
  const { campaignId, version, merchantCode, businessDate } = deck
  const text = isOld(deck.commitment)
    ? [campaignId, version, merchantCode, businessDate].join('|')
    : `fapai deck seed v2\n${oneText(nameOf(deck))}`
  return hexOf(hmac(sha256, secret, utf8(text)))
}

/** What the approval of a campaign published of its secret. */
export function secretCommitment({ campaignId }: Pick<CampaignSecretView, 'campaignId'>, secret: Uint8Array): string {
  return `s1.${sha256Hex(utf8(`fapai campaign secret v1\n${oneText({ campaignId, secret: hexOf(secret) })}`))}`
}

function nameOf({ campaignId, version, merchantCode, businessDate, beacon }: DeckView) {
  const pulse = beacon && { source: beacon.source, round: beacon.round, value: beacon.value }
  return { campaignId, version, merchantCode, businessDate, beacon: pulse }
}

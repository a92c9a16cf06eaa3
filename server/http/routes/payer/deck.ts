import { z } from 'zod'
import type { DeckId } from '../../../domain/deck'
import { ruleFaults } from '../../../domain/rule'
import { proveDeck } from '../../../domain/verify-deck'
import { operatorDeck, type PublicDeck, publicDeck } from '../../../flow/deck/show-deck'
import { campaignSecrets } from '../../../flow/deck/show-secret'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso, isoOrNull } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

const params = z.object({
  campaignId: contract.campaignId,
  merchantCode: contract.merchantCode,
  date: contract.businessDate,
})

/** Decks and their proof: for anyone, and for operators, who can't look ahead either. */
export function deckRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/decks/:campaignId/:merchantCode/:date',
      summary: 'A dealt deck: its commitment, and after the day its seed and amounts',
      actor: 'anyone',
      params,
      reply: contract.deckView,
      problems: ['deck-not-found'],
      async handle({ params }) {
        const shown = await publicDeck(deps, idOf(params))
        if (!shown) throw new HttpProblem('deck-not-found', { field: 'date' })
        const { amountsFen, revealedAt } = shown
        return { ...common(shown), amountsFen: amountsFen && [...amountsFen], revealedAt: iso(revealedAt) }
      },
    }),
    route({
      method: 'GET',
      path: '/admin/campaigns/:id/decks/:merchantCode/:date',
      summary: 'A dealt deck and the orders that drew its cards; cards still to come stay hidden while the day runs',
      actor: 'operator',
      permission: 'look',
      params: z.object({ id: contract.campaignId, ...params.omit({ campaignId: true }).shape }),
      reply: contract.operatorDeckView,
      problems: ['deck-not-found'],
      async handle({ actor, params: { id, ...rest } }) {
        const shown = await operatorDeck(deps, idOf({ campaignId: id, ...rest }), actor.branchCode)
        if (!shown) throw new HttpProblem('deck-not-found', { field: 'date' })
        const { slots, usedCount, archived } = shown
        return { ...common(shown), slots, usedCount, archived }
      },
    }),
    route({
      method: 'POST',
      path: '/api/decks/check',
      summary:
        'Whether a deck is what its commitment says, and a payer’s card is of it; from what is sent, and a revealed secret',
      actor: 'anyone',
      body: contract.deckCheckBody,
      reply: contract.deckCheckView,
      problems: ['campaign-faulty'],
      handle: ({ body }) => check(deps, body),
    }),
    route({
      method: 'GET',
      path: '/api/campaigns/:id/secret',
      summary: 'What a campaign’s versions committed to when they were approved, and their secrets once it is over',
      actor: 'anyone',
      params: z.object({ id: contract.campaignId }),
      reply: contract.campaignSecretView,
      problems: ['campaign-not-found'],
      async handle({ params: { id: campaignId } }) {
        const found = await campaignSecrets(deps, campaignId)
        if (!found) throw new HttpProblem('campaign-not-found', { field: 'id' })
        const versions = found.versions.map(({ version, approvedAt, secret, revealed }) => ({
          version,
          approvedAt: iso(approvedAt),
          commitment: secret?.commitment ?? null,
          committedAt: isoOrNull(secret?.at ?? null),
          secret: revealed && Buffer.from(revealed).toString('hex'),
        }))
        return { campaignId, versions, revealedAt: isoOrNull(found.revealedAt) }
      },
    }),
  ]
}

function idOf({ campaignId, merchantCode, date }: z.output<typeof params>): DeckId {
  return { campaignId, merchantCode, businessDate: date }
}

/** Of what was sent nothing is believed, and nothing kept. */
async function check(deps: HttpDeps, { deck, receipt }: contract.DeckCheckBody): Promise<contract.DeckCheckView> {
  const { businessDate: date, rule, wantedSlots = rule.slots } = deck
  const [fault] = ruleFaults({ ...rule, startDate: date, endDate: date })
  if (fault) throw new HttpProblem('campaign-faulty', { field: `deck.rule.${fault.field}`, detail: fault.message })
  const revealed = await campaignSecrets(deps, deck.campaignId)
  const known = revealed?.versions.find((one) => one.version === deck.version)
  const secret = known?.secret && known.revealed && { ...known.secret, secret: known.revealed }
  const told = receipt && { ...receipt, slot: receipt.slotNumber - 1 }
  const opened = { ...deck, wantedSlots, seed: Buffer.from(deck.seed, 'hex') }
  const proof = proveDeck(opened, { receipt: told ?? null, secret: secret || null })
  const differing = proof.differing.map(({ slot, ...fen }) => ({ slotNumber: slot + 1, ...fen }))
  return { ...proof, differing }
}

function common({ deck, rule, wantedSlots, merchantName, seed }: PublicDeck) {
  const { campaignId, merchantCode, businessDate, version, commitment, dealtAt, closedAt } = deck
  const times = { dealtAt: iso(dealtAt), closedAt: isoOrNull(closedAt) }
  const id = { campaignId, merchantCode, merchantName, businessDate, version }
  return {
    ...id,
    rule,
    wantedSlots,
    beacon: deck.beacon ?? null,
    commitment,
    ...times,
    seed: seed === null ? null : seed.toString('hex'),
  }
}

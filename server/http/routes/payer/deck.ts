import { z } from 'zod'
import type { DeckId } from '../../../domain/deck'
import { operatorDeck, type PublicDeck, publicDeck } from '../../../flow/deck/show-deck'
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
        return { ...common(shown), amountsFen, revealedAt: iso(revealedAt) }
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
        const { wantedSlots, slots } = shown
        return { ...common(shown), wantedSlots, slots }
      },
    }),
  ]
}

function idOf({ campaignId, merchantCode, date }: z.output<typeof params>): DeckId {
  return { campaignId, merchantCode, businessDate: date }
}

function common({ deck, rule, merchantName, seed }: PublicDeck) {
  const { campaignId, merchantCode, businessDate, version, commitment, dealtAt, closedAt } = deck
  const times = { dealtAt: iso(dealtAt), closedAt: isoOrNull(closedAt) }
  const id = { campaignId, merchantCode, merchantName, businessDate, version }
  return { ...id, rule, commitment, ...times, seed: seed === null ? null : seed.toString('hex') }
}

import { businessDate, endOfBusinessDate } from '../../domain/business-date'
import { stateOn } from '../../domain/campaign'
import type { DeckKeys } from '../../domain/key-ring'
import { type Clock, type Decks, isTrusted, type SecretsOfCampaign } from '../ports'

export interface ShowSecretDeps extends DeckKeys {
  decks: Decks
  clock: Clock
  limits: { leaseTtlMs: number }
}

export interface CampaignSecrets {
  versions: (SecretsOfCampaign['versions'][number] & { revealed: Uint8Array | null })[]
  /** ms; null: not yet */
  revealedAt: number | null
}

/**
 * What the approved versions of a campaign committed to, and their secrets once no card can be drawn from a deck of theirs any more: the
 * campaign has ended, and the seeds of its last day are revealed. Then anybody sees that no seed was chosen.
 * A version whose key is none of ours any more stays without its secret.
 */
export async function campaignSecrets(deps: ShowSecretDeps, campaignId: string): Promise<CampaignSecrets | undefined> {
  const found = await deps.decks.secrets(campaignId)
  if (!found || found.versions.length === 0) return undefined
  const now = deps.clock.now()
  const ended = stateOn(found, businessDate(now)) === 'ended'
  const { lastDeckDate } = found
  const from = lastDeckDate === null ? 0 : endOfBusinessDate(lastDeckDate) + deps.limits.leaseTtlMs
  const open = ended && now >= from && isTrusted(deps.clock)
  return {
    versions: found.versions.map((one) => ({
      ...one,
      revealed: (open && one.secret && deps.campaignSecret(campaignId, one.secret.keyId)) || null,
    })),
    revealedAt: open ? from || now : null,
  }
}

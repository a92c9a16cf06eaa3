import { OWN_CHANNEL } from '../../domain/channel'
import type { Agreement, Catalog, Channels, Clock } from '../ports'

export interface AgreeDeps {
  catalog: Catalog
  clock: Clock
  channels: Channels
  /** sandbox only: a person without an agreement gets one by this one-time code; null elsewhere */
  autoSignCode: string | null
}

/** The payer's bank agreements (签约协议), oldest first. In the sandbox a new person has one. */
export async function agreementsOf(deps: AgreeDeps, payerId: string): Promise<Agreement[]> {
  const kept = await deps.catalog.agreements(payerId)
  const desk = deps.channels.get(OWN_CHANNEL)?.agreements
  if (kept.length > 0 || deps.autoSignCode === null || !desk) return kept
  const made = await desk.agree(payerId, deps.autoSignCode)
  if (made) await deps.catalog.addAgreement({ ...made, createdAt: deps.clock.now() })
  return deps.catalog.agreements(payerId)
}

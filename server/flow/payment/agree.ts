import type { Agreement, Catalog, Channel, Clock } from '../ports'

export interface AgreeDeps {
  catalog: Catalog
  clock: Clock
  channels: ReadonlyMap<string, Channel>
  /** sandbox only: a person without an agreement gets one by this one-time code; null elsewhere */
  autoSignCode: string | null
}

/** The payer's bank agreements (签约协议), oldest first. In the sandbox a new person has one. */
export async function agreementsOf(deps: AgreeDeps, payerId: string): Promise<Agreement[]> {
  const kept = await deps.catalog.agreements(payerId)
  const bank = deps.channels.get('bank')
  if (kept.length > 0 || deps.autoSignCode === null || !bank) return kept
  const made = await bank.agree(payerId, deps.autoSignCode)
  if (made) await deps.catalog.addAgreement({ ...made, createdAt: deps.clock.now() })
  return deps.catalog.agreements(payerId)
}

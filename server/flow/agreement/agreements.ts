import { OWN_CHANNEL } from '../../domain/channel'
import type { Agreement, AgreementBook, Catalog, Channels, Clock, Random } from '../ports'

export interface AgreementDeps {
  catalog: Catalog
  agreements: AgreementBook
  clock: Clock
  channels: Channels
  random: Random
  /** our own address as browsers see it, where the bank's page leads back to; null: it leads nowhere */
  publicUrl: string | null
}

/**
 * The payer's agreements in force as of now, by whatever process one was signed or ended, or, where there are any, as they are believed to be;
 * oldest first. In an easy sandbox a new person has one.
 */
export async function agreementsOf(
  deps: AgreementDeps,
  payerId: string,
  fresh: 'now' | 'believed' = 'now',
): Promise<Agreement[]> {
  const believed = fresh === 'believed' ? await inForce(deps, payerId, fresh) : []
  if (believed.length > 0) return believed
  const kept = await inForce(deps, payerId)
  const desk = deps.channels.get(OWN_CHANNEL)?.agreements
  if (kept.length > 0 || !desk?.easy) return kept
  await deps.agreements.keep(payerId, await desk.easy(payerId), deps.clock.now())
  return inForce(deps, payerId)
}

async function inForce(
  { catalog }: AgreementDeps,
  payerId: string,
  fresh: 'now' | 'believed' = 'now',
): Promise<Agreement[]> {
  return (await catalog.agreements(payerId, fresh)).filter(({ endedAt }) => endedAt === null)
}

/** One of them, if it is the payer's and in force. */
export async function agreementOf(
  deps: AgreementDeps,
  payerId: string,
  agreementId: string,
): Promise<Agreement | undefined> {
  return (await inForce(deps, payerId)).find((one) => one.agreementId === agreementId)
}

import { OWN_CHANNEL } from '../../domain/channel'
import { ChannelUnavailable, type Signing } from '../ports'
import { type AgreementDeps, agreementOf } from './agreements'

/** What a payer does with an agreement of theirs. `agreement-unknown`: another's, and one that there isn't, are the same. */
export type ChangeResult = 'done' | 'agreement-unknown'

/** From now on it pays what names no other. */
export async function makeDefault(deps: AgreementDeps, payerId: string, agreementId: string): Promise<ChangeResult> {
  if (!(await agreementOf(deps, payerId, agreementId))) return 'agreement-unknown'
  await deps.agreements.choose(payerId, agreementId)
  return 'done'
}

/**
 * Ends it (解约): at the bank first, and here after its definite answer, so that nothing is told as ended that could still
 * be debited. Once more is as good. @throws ChannelUnavailable: it may have ended there, and is tried again
 */
export async function end(deps: AgreementDeps, payerId: string, agreementId: string): Promise<ChangeResult> {
  const all = await deps.catalog.agreements(payerId, 'now')
  const one = all.find((agreement) => agreement.agreementId === agreementId)
  if (!one) return 'agreement-unknown'
  if (one.endedAt !== null) return 'done'
  await ending(deps, 'end')(agreementId)
  await deps.agreements.end(agreementId, deps.clock.now())
  return 'done'
}

/** From now on every payment of it is asked about; in the same order. @throws ChannelUnavailable */
export async function endSmall(deps: AgreementDeps, payerId: string, agreementId: string): Promise<ChangeResult> {
  if (!(await agreementOf(deps, payerId, agreementId))) return 'agreement-unknown'
  await ending(deps, 'endSmall')(agreementId)
  await deps.agreements.endSmall(agreementId, deps.clock.now())
  return 'done'
}

function ending<Verb extends 'end' | 'endSmall'>({ channels }: AgreementDeps, verb: Verb): Signing[Verb] {
  const desk = channels.get(OWN_CHANNEL)?.agreements
  if (!desk?.[verb]) throw new ChannelUnavailable('this channel ends nothing')
  return desk[verb]
}

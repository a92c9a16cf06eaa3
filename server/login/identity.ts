import { createHmac } from 'node:crypto'
import { enclose } from '../domain/enclose'
import type { Clock, Identities, Identity, KeptIdentity, Known, LoginProvider, Random } from '../flow/ports'

export interface IdentityOptions {
  /** whom to ask, by the platform that a log-in names */
  providers: ReadonlyMap<string, LoginProvider>
  /** for the platforms nobody is asked about; null: there such a log-in is refused */
  otherwise: Identity | null
  identities: Identities
  /** of the hashes, and of what is enclosed; a change of either makes strangers of everybody */
  hashKey: Uint8Array
  sealKey: Uint8Array
  clock: Clock
  random: Random
}

/** Log-in by the platforms themselves. Their ids of people go no further than this file but hashed or encrypted. */
export function platformIdentity(options: IdentityOptions): Identity {
  const { providers, otherwise, identities, clock, random } = options
  const kept = ({ provider, appId, subject }: Known, sealed: boolean): KeptIdentity => ({
    provider,
    appId,
    subjectHash: createHmac('sha256', options.hashKey)
      .update(JSON.stringify([provider, appId, subject]))
      .digest('base64url'),
    sealedSubject: sealed ? enclose(options.sealKey, `${provider}|${appId}`, subject, random(12)) : null,
  })
  return {
    async person(platform, code) {
      const provider = providers.get(platform)
      if (!provider) return otherwise?.person(platform, code) ?? { kind: 'refused', why: 'code' }
      const word = await provider.exchange(code)
      if ('refused' in word) return { kind: 'refused', why: word.refused }
      const union = word.union && kept(word.union, false)
      const newId = `p_${Buffer.from(random(16)).toString('base64url')}`
      return { kind: 'person', personId: await identities.personOf(kept(word, true), union, newId, clock.now()) }
    },
    async merchant(platform, code) {
      return providers.has(platform) ? undefined : otherwise?.merchant(platform, code)
    },
  }
}

import { createHmac } from 'node:crypto'
import { disclose, enclose } from '../domain/enclose'
import { keysFor, type MasterKeys } from '../domain/key-ring'
import type { Origin, Trace } from '../domain/trace'
import type { Clock, Identities, Identity, KeptIdentity, Known, LoginProvider, Provider, Random } from '../flow/ports'

export interface IdentityOptions {
  /** whom to ask, by the platform that a log-in names */
  providers: ReadonlyMap<string, LoginProvider>
  /** for the platforms nobody is asked about; null: there such a log-in is refused */
  otherwise: Identity | null
  identities: Identities
  /** of the hashes, and of what is enclosed; who is kept under a key that is none of them any more is a stranger */
  masters: MasterKeys
  clock: Clock
  random: Random
  traceOf(origin: Origin | undefined, at: number): Trace
}

/** Log-in by the platforms themselves. Their ids of people go no further than this file but hashed or encrypted. */
export function platformIdentity(options: IdentityOptions): Identity {
  const { providers, otherwise, identities, clock, random } = options
  const hashKeys = keysFor('identity hash', options.masters)
  const sealKeys = keysFor('identity subject', options.masters)
  const purpose = (provider: Provider, appId: string) => `${provider}|${appId}`
  const kept = ({ provider, appId, subject }: Known, sealed: boolean): KeptIdentity => {
    const text = JSON.stringify([provider, appId, subject])
    return {
      provider,
      appId,
      subjectHash: hash(hashKeys.current.key, text),
      keyId: hashKeys.current.id,
      formerHashes: hashKeys.previous.map(({ key }) => hash(key, text)),
      sealedSubject: sealed ? enclose(sealKeys.current.key, purpose(provider, appId), subject, random(12)) : null,
    }
  }
  return {
    async person(platform, code, origin) {
      const provider = providers.get(platform)
      if (!provider) return otherwise?.person(platform, code) ?? { kind: 'refused', why: 'code' }
      const word = await provider.exchange(code)
      if ('refused' in word) return { kind: 'refused', why: word.refused }
      const union = word.union && kept(word.union, false)
      const newId = `p_${Buffer.from(random(16)).toString('base64url')}`
      const now = clock.now()
      const trace = options.traceOf(origin, now)
      return { kind: 'person', personId: await identities.personOf(kept(word, true), union, newId, now, trace) }
    },
    asks: (platform) => providers.has(platform),
    async merchant(platform, code) {
      return providers.has(platform) ? undefined : otherwise?.merchant(platform, code)
    },
    async subjects(personId, provider, platform = '') {
      const kept = await identities.identitiesOf(personId, provider)
      if (kept.length === 0) return otherwise?.subjects(personId, provider) ?? []
      const known = kept.flatMap(({ appId, keyId, sealedSubject }) => {
        const key = keyId === null ? sealKeys.oldest.key : sealKeys.byId(keyId)
        const subject = key && sealedSubject && disclose(key, purpose(provider, appId), sealedSubject)
        return subject ? [{ appId, subject }] : []
      })
      // A payment that is prepared for another of its apps can't be confirmed in this one.
      const here = providers.get(platform)?.appId
      return [...known.filter(({ appId }) => appId === here), ...known.filter(({ appId }) => appId !== here)]
    },
  }
}

const hash = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url')

import type { SmallAmount } from '../../server/domain/small-amount'
import type { Agreement, AgreementBook, Consent, SignedAgreement, SigningRecord } from '../../server/flow/ports'
import { copied } from './copied'

export interface Evidence extends Consent, SmallAmount {
  signNo: string
  payerId: string
  agreementId: string
  givenAt: number
  confirmedAt: number | null
  endedAt: number | null
}

/** The {@link AgreementBook} in memory. */
export function fakeAgreements() {
  const kept = new Map<string, Agreement>()
  const signings = new Map<string, SigningRecord>()
  const consents: Evidence[] = []

  const open = (signNo: string) => {
    const signing = signings.get(signNo)
    return signing?.state === 'open' ? signing : undefined
  }
  const endConsents = (agreementId: string, at: number) => {
    for (const one of consents) if (one.agreementId === agreementId && one.confirmedAt !== null) one.endedAt ??= at
  }
  const put = (payerId: string, signed: SignedAgreement, at: number) => {
    const before = kept.get(signed.agreementId)
    if (before && before.payerId !== payerId) throw new Error(`the agreement ${signed.agreementId} is another payer’s`)
    const fresh = { payerId, chosen: before?.chosen ?? false, createdAt: before?.createdAt ?? at, endedAt: null }
    kept.set(signed.agreementId, { ...copied(signed), ...fresh })
  }

  const verbs: AgreementBook = {
    async open(signing, consent, { most, since }) {
      const mine = [...signings.values()].filter((one) => one.payerId === signing.payerId)
      if (mine.filter((one) => one.openedAt >= since && one.state !== 'signed').length >= most) return 'too-many'
      signings.set(signing.signNo, copied(signing))
      const { signNo, payerId, agreementId, small, openedAt: givenAt } = signing
      const evidence = { signNo, payerId, agreementId: agreementId!, givenAt, confirmedAt: null, endedAt: null }
      if (consent) consents.push({ ...consent, ...small!, ...evidence })
      return 'opened'
    },
    async signing(payerId, signNo) {
      const signing = signings.get(signNo)
      return signing?.payerId === payerId ? copied(signing) : undefined
    },
    async asked(signNo, action) {
      const signing = open(signNo)
      if (signing) signing.action = copied(action)
    },
    async signed(signNo, agreement, at) {
      const signing = open(signNo)
      if (!signing) return
      const { agreementId } = agreement
      Object.assign(signing, { state: 'signed', agreementId, action: null, endedAt: at })
      if (signing.kind === 'sign') return put(signing.payerId, agreement, at)
      const one = kept.get(agreementId)
      if (one?.payerId !== signing.payerId || one.endedAt !== null) return
      one.small = agreement.small
      endConsents(agreementId, at)
      consents.find((one) => one.signNo === signNo)!.confirmedAt = at
    },
    async refused(signNo, refusal, at) {
      const signing = open(signNo)
      if (signing) Object.assign(signing, { state: 'refused', refusal, action: null, endedAt: at })
    },
    async keep(payerId, agreement, at) {
      if (!kept.has(agreement.agreementId)) put(payerId, agreement, at)
    },
    async choose(payerId, agreementId) {
      for (const one of kept.values())
        if (one.payerId === payerId) one.chosen = one.agreementId === agreementId && one.endedAt === null
    },
    async end(agreementId, at) {
      const one = kept.get(agreementId)
      if (one && one.endedAt === null) Object.assign(one, { chosen: false, small: null, endedAt: at })
      endConsents(agreementId, at)
    },
    async endSmall(agreementId, at) {
      const one = kept.get(agreementId)
      if (one) one.small = null
      endConsents(agreementId, at)
    },
  }

  return {
    verbs,
    consents: consents as readonly Evidence[],
    of(payerId: string): Agreement[] {
      const own = [...kept.values()].filter((agreement) => agreement.payerId === payerId)
      return copied(own.sort((a, b) => a.createdAt - b.createdAt || (a.agreementId < b.agreementId ? -1 : 1)))
    },
  }
}

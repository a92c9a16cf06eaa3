import { SMALL_TERMS } from '../../../server/domain/small-amount'
import { agreementsOf } from '../../../server/flow/agreement/agreements'
import { end, endSmall, makeDefault } from '../../../server/flow/agreement/end'
import {
  allowSmall,
  confirmSigning,
  resendSigning,
  type SignResult,
  showSigning,
  sign,
} from '../../../server/flow/agreement/sign'
import { ChannelUnavailable } from '../../../server/flow/ports'
import { type Flow, startFlow } from '../../support/flow'
import { agreed, asks, challenge, scriptedDesk } from '../../support/scripted-desk'

const HOLDER = { account: '6217000000000001', name: '李小明', phone: '13800138000' }
const PROOF = '314159'
const TERMS = { version: SMALL_TERMS.version, sha256: SMALL_TERMS.sha256 }
const AWAY = new ChannelUnavailable('the bank is away')

let flow: Flow
let script: ReturnType<typeof scriptedDesk>
beforeEach(() => {
  script = scriptedDesk()
  flow = startFlow({ wrap: (channel) => ({ ...channel, agreements: script.desk }) })
})

const told = (result: SignResult) => {
  if (result.kind !== 'signing') throw new Error(`refused: ${result.code}`)
  return result.told
}
const ask = async (payerId = 'li', returnTo?: string) => told(await sign(flow.deps, { payerId, ...HOLDER, returnTo }))
const confirm = (signNo: string, more: { payerId?: string; challengeId?: string } = {}) =>
  confirmSigning(flow.deps, { payerId: 'li', signNo, proof: PROOF, ...more })
const small = (more: object = {}) =>
  allowSmall(flow.deps, { payerId: 'li', agreementId: 'AG-1', maxFen: 10_000, perDay: 3, terms: TERMS, ...more })
const verbs = () => script.calls.map(({ verb }) => verb)

async function signed(payerId = 'li', more: Parameters<typeof agreed>[0] = {}): Promise<void> {
  script.says(asks(challenge()), agreed(more))
  const { signing } = await ask(payerId)
  told(await confirm(signing.signNo, { payerId }))
}

describe('signing', () => {
  it('asks, waits for the code, and then there is an agreement, the default one', async () => {
    script.says(asks(challenge()))
    const { signing } = await ask()
    expect(signing).toMatchObject({ state: 'open', action: challenge(), agreementId: null })
    expect(signing.signNo).toMatch(/^S[0-9A-Z]{16}$/)
    expect(await agreementsOf(flow.deps, 'li')).toEqual([])
    script.says(agreed())
    const done = told(await confirm(signing.signNo))
    expect(done).toMatchObject({ signing: { state: 'signed', action: null }, agreement: { bankName: '南城银行' } })
    expect(done.isDefault).toBe(true)
    expect(await agreementsOf(flow.deps, 'li')).toHaveLength(1)
  })

  it('keeps nothing of what was typed, and no proof', async () => {
    script.says(asks(challenge()), agreed())
    const { signing } = await ask()
    await confirm(signing.signNo)
    const kept = JSON.stringify([
      await flow.ledger.agreements('li'),
      await flow.deps.agreements.signing('li', signing.signNo),
    ])
    for (const secret of [...Object.values(HOLDER), PROOF]) expect(kept).not.toContain(secret)
    expect(script.calls[0]!.said).toMatchObject({ ...HOLDER, signNo: signing.signNo })
    expect(script.calls[1]!.said).toEqual({ signNo: signing.signNo, challengeId: 'C1', proof: PROOF })
  })

  it('leads back from the bank’s own page to a page of ours, where our address is known', async () => {
    const page = {
      kind: 'redirect' as const,
      params: { url: 'https://bank.example/sign' },
      expiresAt: flow.clock.at + 1,
    }
    script.says(asks(page), asks(page))
    await ask('li', '/q/M0001')
    flow.deps.publicUrl = null
    await ask('li', '/q/M0001')
    const backs = script.calls.map(({ said }) => (said as { returnTo: string | null }).returnTo)
    expect(backs).toEqual(['https://pay.example/q/M0001', null])
  })

  it('after a wrong code there are fewer tries, and after the last it is refused for good', async () => {
    script.says(asks(challenge()))
    const { signing } = await ask()
    const wrong = challenge({ attemptsLeft: '2', lastProof: 'wrong' })
    script.says(asks(wrong))
    expect(told(await confirm(signing.signNo)).signing).toMatchObject({ state: 'open', action: wrong })
    script.says({ kind: 'refused', code: 'authentication-failed' })
    const refused = { state: 'refused', refusal: 'authentication-failed', action: null }
    expect(told(await confirm(signing.signNo)).signing).toMatchObject(refused)
    // The bank isn't asked again, whatever comes.
    expect(told(await confirm(signing.signNo)).signing).toMatchObject(refused)
    expect(verbs()).toEqual(['sign', 'confirm', 'confirm'])
  })

  it('takes a proof against the open challenge alone, and while it is open', async () => {
    script.says(asks(challenge()))
    const { signing } = await ask()
    const gone = { kind: 'refused', code: 'challenge-gone' }
    expect(await confirm(signing.signNo, { challengeId: 'C0' })).toEqual(gone)
    flow.pass(180_000)
    expect(await confirm(signing.signNo)).toEqual(gone)
    expect(await resendSigning(flow.deps, 'li', signing.signNo)).toEqual(gone)
    expect(verbs()).toEqual(['sign'])
    script.says({ kind: 'refused', code: 'authentication-expired' })
    const shown = told(await showSigning(flow.deps, 'li', signing.signNo))
    expect(shown.signing).toMatchObject({ state: 'refused', refusal: 'authentication-expired' })
  })

  it('sends the code again when the bank allows it, against its new challenge', async () => {
    script.says(asks(challenge()))
    const { signing } = await ask()
    script.says({ kind: 'too-soon', retryAfterMs: 60_000 }, { kind: 'sent', action: challenge({ challengeId: 'C2' }) })
    const resend = () => resendSigning(flow.deps, 'li', signing.signNo)
    expect(await resend()).toEqual({ kind: 'later', code: 'too-soon', retryAfterMs: 60_000 })
    expect(told(await resend()).signing.action?.params.challengeId).toBe('C2')
    script.says({ kind: 'gone' })
    expect(await resend()).toEqual({ kind: 'refused', code: 'challenge-gone' })
  })

  it('another payer’s request doesn’t exist', async () => {
    script.says(asks(challenge()))
    const { signing } = await ask()
    const none = { kind: 'refused', code: 'sign-not-found' }
    expect(await confirm(signing.signNo, { payerId: 'wang' })).toEqual(none)
    expect(await resendSigning(flow.deps, 'wang', signing.signNo)).toEqual(none)
    expect(await showSigning(flow.deps, 'wang', signing.signNo)).toEqual(none)
    expect(verbs()).toEqual(['sign'])
  })

  it('a bank that gives no answer binds nothing; a lost answer to the code is found when one looks', async () => {
    script.says(AWAY)
    await expect(ask()).rejects.toThrow(AWAY)
    script.says(asks(challenge()), AWAY)
    const { signing } = await ask()
    await expect(confirm(signing.signNo)).rejects.toThrow(AWAY)
    expect(await agreementsOf(flow.deps, 'li')).toEqual([])
    script.says(AWAY, agreed())
    const look = async () => told(await showSigning(flow.deps, 'li', signing.signNo))
    expect((await look()).signing).toMatchObject({ state: 'open', action: challenge() })
    expect((await look()).agreement).toMatchObject({ agreementId: 'AG-1' })
    expect((await look()).agreement).toMatchObject({ agreementId: 'AG-1' })
    expect(verbs().filter((verb) => verb === 'state')).toHaveLength(2)
  })

  it('is asked for ten times a day and no more, unless it came to something', async () => {
    for (let i = 0; i < 5; i++) await signed('li', { agreementId: `AG-${i}` })
    const refuse = async () => {
      script.says({ kind: 'refused', code: 'account-refused' })
      return sign(flow.deps, { payerId: 'li', ...HOLDER })
    }
    for (let i = 0; i < 10; i++) expect(told(await refuse()).signing.refusal).toBe('account-refused')
    const before = script.calls.length
    expect(await refuse()).toMatchObject({ kind: 'later', code: 'too-many-signings' })
    expect(script.calls).toHaveLength(before)
    flow.pass(24 * 3_600_000 + 1)
    expect((await refuse()).kind).toBe('signing')
  })
})

describe('a payer’s agreements', () => {
  beforeEach(async () => {
    await signed()
    flow.pass(1)
    await signed('li', { agreementId: 'AG-2', account: 'acct-2' })
    await signed('wang', { agreementId: 'AG-3' })
  })
  const pays = async () => (await flow.order(await flow.quote('li'))).payerRef

  it('pay by the oldest, until another is chosen, and again once that has ended', async () => {
    expect(await pays()).toBe('AG-1')
    expect(await makeDefault(flow.deps, 'li', 'AG-2')).toBe('done')
    expect(await pays()).toBe('AG-2')
    expect(await end(flow.deps, 'li', 'AG-2')).toBe('done')
    expect(await pays()).toBe('AG-1')
  })

  it('end at the bank first, and here only once it has said so', async () => {
    script.says(AWAY)
    await expect(end(flow.deps, 'li', 'AG-1')).rejects.toThrow(AWAY)
    expect(await agreementsOf(flow.deps, 'li')).toHaveLength(2)
    expect(await end(flow.deps, 'li', 'AG-1')).toBe('done')
    expect(await end(flow.deps, 'li', 'AG-1')).toBe('done')
    expect(await agreementsOf(flow.deps, 'li')).toMatchObject([{ agreementId: 'AG-2' }])
    expect(verbs().filter((verb) => verb === 'end')).toHaveLength(2)
  })

  it('are nobody else’s to choose, to end, or to allow anything of', async () => {
    for (const change of [makeDefault, end, endSmall])
      for (const agreementId of ['AG-3', 'AG-none'])
        expect(await change(flow.deps, 'li', agreementId)).toBe('agreement-unknown')
    expect(await small({ agreementId: 'AG-3' })).toEqual({ kind: 'refused', code: 'agreement-unknown' })
    expect(verbs()).not.toContain('end')
    expect(await agreementsOf(flow.deps, 'wang')).toMatchObject([{ agreementId: 'AG-3', small: null }])
  })

  it('an order that names one which ended meanwhile is refused, and its card is kept', async () => {
    const quote = await flow.quote('li')
    await end(flow.deps, 'li', 'AG-1')
    await end(flow.deps, 'li', 'AG-2')
    expect(await flow.pay(quote)).toEqual({ kind: 'refused', code: 'agreement-not-found' })
    await signed('li', { agreementId: 'AG-4' })
    expect((await flow.quote('li')).card).toEqual(quote.card)
    expect(await pays()).toBe('AG-4')
  })

  it('one that the bank alone knows to have ended is told apart', async () => {
    flow.channel.next('pay', { kind: 'decline', code: 'agreement-not-active' })
    expect(await flow.order(await flow.quote('li'))).toMatchObject({ closeReason: 'agreement-not-active' })
  })
})

describe('small amounts without a challenge', () => {
  const allowance = { maxFen: 10_000, perDay: 3 }
  beforeEach(() => signed())

  it('are allowed by a consent to the terms and a challenge of their own, and by nothing less', async () => {
    script.says(asks(challenge()))
    const { signing } = told(await small())
    expect(await agreementsOf(flow.deps, 'li')).toMatchObject([{ small: null }])
    const given = { ...allowance, termsVersion: TERMS.version, termsSha256: TERMS.sha256, givenAt: flow.clock.at }
    expect(flow.ledger.consents).toMatchObject([{ ...given, payerId: 'li', confirmedAt: null }])
    script.says(agreed({ small: allowance }))
    expect(told(await confirm(signing.signNo)).agreement).toMatchObject({ small: allowance })
    expect(flow.ledger.consents).toMatchObject([{ confirmedAt: flow.clock.at, endedAt: null }])
  })

  it('are not asked for by a consent to other words', async () => {
    const before = script.calls.length
    for (const terms of [
      { ...TERMS, version: '0' },
      { ...TERMS, sha256: '0'.repeat(64) },
    ])
      expect(await small({ terms })).toEqual({ kind: 'refused', code: 'terms-changed' })
    expect(script.calls).toHaveLength(before)
    expect(flow.ledger.consents).toEqual([])
  })

  it('are over by one call, at the bank first', async () => {
    script.says(agreed({ small: allowance }))
    await small()
    script.says(AWAY)
    await expect(endSmall(flow.deps, 'li', 'AG-1')).rejects.toThrow(AWAY)
    expect(await agreementsOf(flow.deps, 'li')).toMatchObject([{ small: allowance }])
    flow.pass(5)
    expect(await endSmall(flow.deps, 'li', 'AG-1')).toBe('done')
    expect(await agreementsOf(flow.deps, 'li')).toMatchObject([{ small: null, endedAt: null }])
    expect(flow.ledger.consents).toMatchObject([{ endedAt: flow.clock.at }])
  })

  it('of another agreement than the one that was asked about are no answer', async () => {
    script.says(agreed({ agreementId: 'AG-other', small: allowance }))
    await expect(small()).rejects.toThrow(ChannelUnavailable)
    expect(await agreementsOf(flow.deps, 'li')).toMatchObject([{ agreementId: 'AG-1', small: null }])
  })
})

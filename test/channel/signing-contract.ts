import type { Order } from '../../server/domain/order'
import type { SignedAgreement } from '../../server/flow/ports'
import { type AskingUnderTest, asked, MINUTE, newNo, not, PENDING, payerAt, SUCCEEDED } from './asking'
import { somebody } from './channel-contract'

/** What holds of every bank that its payers sign with: in steps, for small amounts, and to its end. */
export function signingContract(name: string, start: () => Promise<AskingUnderTest>): void {
  describe(`${name} and its agreements`, () => {
    let on: AskingUnderTest
    beforeAll(async () => {
      on = await start()
    })
    afterAll(() => on?.stop())
    const { desk, challengeOf, signed, order, confirm, opened, untouched } = payerAt(() => on)

    describe('before it signs', () => {
      it('sends a code, says how often it may be tried, and signs by the right one', async () => {
        const request = asked()
        const said = await desk().sign(request)
        expect(said).toEqual({
          kind: 'action',
          action: {
            kind: 'challenge',
            params: {
              challengeId: expect.any(String),
              kinds: 'sms',
              maskedPhone: `138****${request.phone.slice(-4)}`,
              attemptsLeft: '3',
              resendAt: expect.stringMatching(/^\d{13}$/),
            },
            expiresAt: expect.any(Number),
          },
        })
        expect(await desk().sign(request)).toEqual(said)
        const agreement = await signed(request)
        expect(agreement.accountTail).toBe(request.account.slice(-4))
        // What is kept and booked is the bank's own name of the account, never the card's number.
        expect(agreement.account).not.toContain(request.account.slice(0, -4))
        expect(agreement).toMatchObject({ bankName: expect.any(String), kind: 'debit', small: null })
        expect(await desk().state(request.signNo)).toEqual({ kind: 'signed', agreement })
      })

      it('makes no agreement of three wrong codes, nor of the right one after them', async () => {
        const request = asked()
        const challengeId = await challengeOf(request)
        const right = await on.code(request.signNo)
        for (const [nth, left] of [
          [1, '2'],
          [2, '1'],
        ] as const)
          expect(await desk().confirm(request.signNo, { challengeId, proof: not(right, nth) })).toMatchObject({
            kind: 'action',
            action: { params: { attemptsLeft: left, lastProof: 'wrong' } },
          })
        const refused = { kind: 'refused', code: 'authentication-failed' }
        expect(await desk().confirm(request.signNo, { challengeId, proof: not(right, 3) })).toEqual(refused)
        expect(await desk().confirm(request.signNo, { challengeId, proof: right })).toEqual(refused)
      })

      it('takes the same wrong code twice for one try', async () => {
        const request = asked()
        const challengeId = await challengeOf(request)
        const proof = not(await on.code(request.signNo))
        const first = await desk().confirm(request.signNo, { challengeId, proof })
        expect(await desk().confirm(request.signNo, { challengeId, proof })).toEqual(first)
      })

      it('makes none once its time is over', async () => {
        const request = asked()
        const challengeId = await challengeOf(request)
        const proof = await on.code(request.signNo)
        on.pass(5 * MINUTE)
        const refused = { kind: 'refused', code: 'authentication-expired' }
        expect(await desk().confirm(request.signNo, { challengeId, proof })).toEqual(refused)
        expect(await desk().state(request.signNo)).toEqual(refused)
      })

      it('does not say which of account, name and telephone was wrong', async () => {
        const request = asked()
        await signed(request)
        const refused = { kind: 'refused', code: 'account-refused' }
        for (const wrong of [{ name: '李四' }, { phone: '13900000000' }, { account: '12' }])
          expect(await desk().sign({ ...request, signNo: newNo(), ...wrong })).toEqual(refused)
      })

      it('signs an account once for a payer, and for two payers twice', async () => {
        const request = asked()
        const first = await signed(request)
        expect((await signed({ ...request, signNo: newNo() })).agreementId).toBe(first.agreementId)
        const other = await signed({ ...request, signNo: newNo(), payerId: somebody() })
        expect(other.agreementId).not.toBe(first.agreementId)
      })

      it('knows no request that nobody made', async () => {
        const unknown = { kind: 'refused', code: 'sign-not-found' }
        expect(await desk().state(newNo())).toEqual(unknown)
        expect(await desk().confirm(newNo(), { challengeId: 'CH1', proof: '1' })).toEqual(unknown)
      })

      it('signs on its own page where there is a way back, and takes no code from us there', async () => {
        const request = asked({ returnTo: 'https://pay.example/#/pages/agreements/index' })
        await on.ask('sign', 'redirect')
        const said = await desk().sign(request)
        expect(said).toMatchObject({
          kind: 'action',
          action: { kind: 'redirect', params: { url: expect.any(String) } },
        })
        const proof = await on.code(request.signNo)
        expect(await desk().confirm(request.signNo, { challengeId: 'CH1', proof })).toEqual(said)
      })

      it('leaves a lost answer to be asked for again', async () => {
        const request = asked()
        await on.loseReply('sign')
        await expect(desk().sign(request)).rejects.toThrow()
        expect((await signed(request)).accountTail).toBe(request.account.slice(-4))
      })
    })

    describe('about small amounts', () => {
      async function allowed(maxFen = 20_000, perDay = 2): Promise<SignedAgreement> {
        const { agreementId } = await signed()
        const signNo = newNo()
        const said = await desk().allowSmall({ signNo, agreementId, maxFen, perDay })
        if (said.kind !== 'action') throw new Error(JSON.stringify(said))
        const { challengeId } = said.action.params
        const done = await desk().confirm(signNo, { challengeId: challengeId!, proof: await on.code(signNo) })
        if (done.kind !== 'signed') throw new Error(JSON.stringify(done))
        expect(done.agreement.small).toEqual({ maxFen, perDay })
        return done.agreement
      }
      const outcomeOf = async (one: Order) => (await on.channel.pay(one)).outcome

      it('once allowed, books them at once, and says that nobody was asked', async () => {
        const one = await order(await allowed(), 10_000)
        expect(await on.channel.pay(one)).toMatchObject({ outcome: SUCCEEDED, verification: 'none' })
      })

      it('asks about the larger one, and about the next when the day’s are used up', async () => {
        const agreement = await allowed(9_999, 1)
        expect(await outcomeOf(await order(agreement, 10_000))).toEqual(PENDING)
        expect(await outcomeOf(await order(agreement, 9_999))).toEqual(SUCCEEDED)
        expect(await outcomeOf(await order(agreement, 100))).toEqual(PENDING)
        on.pass(24 * 60 * MINUTE)
        expect(await outcomeOf(await order(agreement, 100))).toEqual(SUCCEEDED)
      })

      it('may ask all the same', async () => {
        const one = await order(await allowed(), 100)
        await on.ask('pay', 'sms')
        expect(await outcomeOf(one)).toEqual(PENDING)
      })

      it('asks about each again once it is ended, which is done twice as well as once', async () => {
        const agreement = await allowed()
        await desk().endSmall(agreement.agreementId)
        await desk().endSmall(agreement.agreementId)
        expect(await outcomeOf(await order(agreement, 100))).toEqual(PENDING)
      })

      it('allows none that the payer did not answer for', async () => {
        const agreement = await signed()
        await desk().allowSmall({ signNo: newNo(), agreementId: agreement.agreementId, maxFen: 20_000, perDay: 9 })
        expect(await outcomeOf(await order(agreement, 100))).toEqual(PENDING)
        const unknown = { signNo: newNo(), agreementId: 'AG-of-nobody', maxFen: 20_000, perDay: 9 }
        expect(await desk().allowSmall(unknown)).toEqual({ kind: 'refused', code: 'agreement-not-found' })
      })
    })

    describe('and ends an agreement', () => {
      const ended = { kind: 'declined', code: 'agreement-not-active' }

      it('at once, for what it was asking about as well; twice is as good, and so is one that it never had', async () => {
        const agreement = await signed()
        const one = await order(agreement)
        const challengeId = await opened(one)
        await desk().end(agreement.agreementId)
        await desk().end(agreement.agreementId)
        await desk().end('AG-of-nobody')
        expect((await confirm(one, challengeId, await on.code(one.orderNo))).outcome).toEqual(ended)
        expect((await on.channel.pay(await order(agreement))).outcome).toEqual(ended)
        await untouched(one)
      })

      it('though the answer is lost', async () => {
        const agreement = await signed()
        await on.loseReply('end')
        await expect(desk().end(agreement.agreementId)).rejects.toThrow()
        expect((await on.channel.pay(await order(agreement))).outcome).toEqual(ended)
      })

      it('and signs the account anew under another', async () => {
        const request = asked()
        const first = await signed(request)
        await desk().end(first.agreementId)
        const second = await signed({ ...request, signNo: newNo() })
        expect(second.agreementId).not.toBe(first.agreementId)
        expect((await on.channel.pay(await order(second))).outcome).toEqual(PENDING)
      })
    })
  })
}

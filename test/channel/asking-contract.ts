import { type AskingUnderTest, MINUTE, newNo, not, PENDING, payerAt, SUCCEEDED } from './asking'

const CLOSED = { kind: 'declined', code: 'order-closed' }
const FAILED = { kind: 'declined', code: 'authentication-failed' }
const EXPIRED = { kind: 'declined', code: 'authentication-expired' }

/** What holds of every bank that asks for each payment, and by few texts. */
export function askingContract(name: string, start: () => Promise<AskingUnderTest>): void {
  describe(`${name} asks its payers`, () => {
    let on: AskingUnderTest
    beforeAll(async () => {
      on = await start()
    })
    afterAll(() => on?.stop())
    const { desk, signed, order, confirm, opened, untouched } = payerAt(() => on)

    describe('for each payment', () => {
      it('books nothing until the code is right, and says by what it knew its payer', async () => {
        const one = await order()
        const { outcome, action } = await on.channel.pay(one)
        expect(outcome).toEqual(PENDING)
        expect(action).toMatchObject({ kind: 'challenge', params: { kinds: 'sms', attemptsLeft: '3' } })
        expect((await on.channel.query(one)).action).toEqual(action)
        expect((await on.channel.pay(one)).action).toEqual(action)
        await untouched(one)
        const reply = await confirm(one, action!.params.challengeId!, await on.code(one.orderNo))
        expect(reply).toMatchObject({ verb: 'confirm', outcome: SUCCEEDED, verification: 'sms' })
        expect(await on.balance(one.accounts.merchant)).toBe(one.figures.merchantReceivesFen)
        expect((await on.channel.query(one)).verification).toBe('sms')
      })

      it('has one answer for the same proof, however often it is given', async () => {
        const one = await order()
        const challengeId = await opened(one)
        const proof = await on.code(one.orderNo)
        const wrong = await confirm(one, challengeId, not(proof))
        expect(await confirm(one, challengeId, not(proof))).toEqual(wrong)
        const right = await confirm(one, challengeId, proof)
        expect(await confirm(one, challengeId, proof)).toEqual(right)
        expect(await on.balance(one.accounts.merchant)).toBe(one.figures.merchantReceivesFen)
      })

      it('declines for good at the third wrong code; the right one comes too late', async () => {
        const one = await order()
        const challengeId = await opened(one)
        const proof = await on.code(one.orderNo)
        const second = [
          await confirm(one, challengeId, not(proof, 1)),
          await confirm(one, challengeId, not(proof, 2)),
        ][1]!
        expect(second).toMatchObject({
          outcome: PENDING,
          action: { params: { attemptsLeft: '1', lastProof: 'wrong' } },
        })
        expect((await confirm(one, challengeId, not(proof, 3))).outcome).toEqual(FAILED)
        expect(await confirm(one, challengeId, proof)).toMatchObject({ outcome: FAILED })
        expect((await on.channel.query(one)).action).toBeUndefined()
        await untouched(one)
      })

      it('declines what nobody answers in five minutes, whether or not it is asked', async () => {
        const [one, other] = [await order(), await order()]
        const challengeId = await opened(one)
        await opened(other)
        const proof = await on.code(one.orderNo)
        on.pass(5 * MINUTE)
        expect((await confirm(one, challengeId, proof)).outcome).toEqual(EXPIRED)
        expect((await on.channel.query(other)).outcome).toEqual(EXPIRED)
        await untouched(one)
      })

      it('judges no proof that was given for another challenge', async () => {
        const [one, other] = [await order(), await order()]
        const [mine, theirs] = [await opened(one), await opened(other)]
        const reply = await confirm(one, theirs, await on.code(other.orderNo))
        expect(reply).toMatchObject({ outcome: PENDING, action: { params: { challengeId: mine, attemptsLeft: '3' } } })
        await untouched(one)
        await untouched(other)
      })

      it('judges no proof for another payee or amount than it asked about', async () => {
        const one = await order()
        const challengeId = await opened(one)
        const proof = await on.code(one.orderNo)
        const otherPayee = { ...one, accounts: { ...one.accounts, merchant: 'merchant-else' } }
        const otherAmount = { ...one, figures: { ...one.figures, payableFen: one.figures.payableFen - 1 } }
        for (const moved of [otherPayee, otherAmount])
          expect((await confirm(moved, challengeId, proof)).outcome).toEqual({
            kind: 'unknown',
            code: 'envelope-invalid',
          })
        expect((await on.channel.query(one)).action?.params.attemptsLeft).toBe('3')
        await untouched(one)
      })

      it('closed while it is asked about: never booked, whatever the payer still types', async () => {
        const one = await order()
        const challengeId = await opened(one)
        const proof = await on.code(one.orderNo)
        expect((await on.channel.close(one)).outcome).toEqual(CLOSED)
        expect((await confirm(one, challengeId, proof)).outcome).toEqual(CLOSED)
        expect((await on.channel.query(one)).outcome).toEqual(CLOSED)
        await untouched(one)
      })

      it('confirmed and closed at once: both hear the same ending', async () => {
        for (let nth = 0; nth < 4; nth++) {
          const one = await order()
          const challengeId = await opened(one)
          const proof = await on.code(one.orderNo)
          const verbs = [() => confirm(one, challengeId, proof), () => on.channel.close(one)]
          const [first, second] = await Promise.all((nth % 2 ? verbs : verbs.reverse()).map((run) => run()))
          expect(first!.outcome).toEqual(second!.outcome)
          const booked = first!.outcome.kind === 'succeeded' ? one.figures.merchantReceivesFen : 0
          expect(await on.balance(one.accounts.merchant)).toBe(booked)
        }
      })

      it('booked though the answer was lost: a query tells', async () => {
        const one = await order()
        const challengeId = await opened(one)
        const proof = await on.code(one.orderNo)
        await on.loseReply('confirm')
        const lost = await confirm(one, challengeId, proof)
        expect(lost.outcome.kind).toBe('unknown')
        expect(lost).not.toHaveProperty('verification')
        expect(await on.channel.query(one)).toMatchObject({ outcome: SUCCEEDED, verification: 'sms' })
      })

      it('sends the payer to its own page when it says so, and takes no code from us for it', async () => {
        const one = await order()
        await on.ask('pay', 'redirect')
        const { outcome, action } = await on.channel.pay(one)
        expect([outcome, action?.kind]).toEqual([PENDING, 'redirect'])
        const proof = await on.code(one.orderNo)
        for (const challengeId of ['CH1', new URL(action!.params.url!).pathname.split('/').at(-1)!])
          expect((await confirm(one, challengeId, proof)).outcome).toEqual(PENDING)
        await untouched(one)
      })

      it('has no code of one text in the next, and the old one is a wrong one', async () => {
        const one = await order()
        const challengeId = await opened(one)
        const old = await on.code(one.orderNo)
        on.pass(MINUTE)
        expect(await on.channel.resend!(one, challengeId)).toMatchObject({ kind: 'sent' })
        const fresh = await on.code(one.orderNo)
        if (fresh !== old)
          expect((await confirm(one, challengeId, old)).action?.params).toMatchObject({ attemptsLeft: '2' })
        expect((await confirm(one, challengeId, fresh)).outcome).toEqual(SUCCEEDED)
      })
    })

    describe('by few texts', () => {
      it('sends another after a minute, with new time and no new tries', async () => {
        const one = await order()
        const { action } = await on.channel.pay(one)
        const challengeId = action!.params.challengeId!
        await confirm(one, challengeId, not(await on.code(one.orderNo)))
        expect(await on.channel.resend!(one, challengeId)).toEqual({ kind: 'too-soon', retryAfterMs: MINUTE })
        on.pass(MINUTE)
        const sent = await on.channel.resend!(one, challengeId)
        expect(sent).toMatchObject({ kind: 'sent', action: { expiresAt: action!.expiresAt + MINUTE } })
        expect((sent as { action: { params: object } }).action.params).toMatchObject({ attemptsLeft: '2' })
        expect((sent as { action: { params: object } }).action.params).not.toHaveProperty('lastProof')
      })

      it('sends five anew in an hour to one telephone, whatever they are about, and no more', async () => {
        const agreement = await signed()
        const resendAll = async (times: number) => {
          const one = await order(agreement)
          const challengeId = await opened(one)
          for (let nth = 0; nth < times; nth++) {
            on.pass(MINUTE)
            expect(await on.channel.resend!(one, challengeId)).toMatchObject({ kind: 'sent' })
          }
          return [one, challengeId] as const
        }
        await resendAll(3)
        const [one, challengeId] = await resendAll(2)
        on.pass(MINUTE)
        const next = await on.channel.resend!(one, challengeId)
        expect(next).toEqual({ kind: 'too-soon', retryAfterMs: expect.any(Number) })
        expect((next as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(50 * MINUTE)
      })

      it('asks about one payment for a quarter of an hour at most', async () => {
        const one = await order()
        const { action } = await on.channel.pay(one)
        const challengeId = action!.params.challengeId!
        for (let nth = 0; nth < 3; nth++) {
          on.pass(4 * MINUTE)
          await on.channel.resend!(one, challengeId)
        }
        const { action: now } = await on.channel.query(one)
        expect(now!.expiresAt - action!.expiresAt).toBe(10 * MINUTE)
      })

      it('sends none for what it doesn’t ask about', async () => {
        const one = await order()
        const challengeId = await opened(one)
        expect(await on.channel.resend!(one, 'CH-ELSE')).toEqual({ kind: 'gone' })
        await on.channel.close(one)
        on.pass(MINUTE)
        expect(await on.channel.resend!(one, challengeId)).toEqual({ kind: 'gone' })
        expect(await desk().resend(newNo(), 'CH1')).toEqual({ kind: 'gone' })
      })

      it('pays nothing more for a day to a holder whose codes somebody guesses', async () => {
        const agreement = await signed()
        for (let nth = 0; nth < 5; nth++) {
          const one = await order(agreement)
          const challengeId = await opened(one)
          const proof = await on.code(one.orderNo)
          for (const wrong of [1, 2, 3]) await confirm(one, challengeId, not(proof, wrong))
        }
        const risk = { kind: 'declined', code: 'risk-refused' }
        expect((await on.channel.pay(await order(agreement))).outcome).toEqual(risk)
        on.pass(24 * 60 * MINUTE)
        expect((await on.channel.pay(await order(agreement))).outcome).toEqual(PENDING)
      })
    })
  })
}

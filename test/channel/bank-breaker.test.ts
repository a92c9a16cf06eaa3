import { OPEN_MS, withBreaker } from '../../server/channel/breaker'
import type { Order, Outcome } from '../../server/domain/order'
import { type FakeChannel, fakeChannel } from '../support/fake-channel'
import { orderOf } from './channel-contract'

const TROUBLE: Outcome = { kind: 'unknown', code: 'timeout' }

describe('the breaker', () => {
  let clock: { at: number; now: () => number }
  let bank: FakeChannel
  let channel: FakeChannel
  let order: Order
  let changes: boolean[]
  beforeEach(async () => {
    clock = { at: 1_000_000, now: () => clock.at }
    bank = fakeChannel()
    changes = []
    channel = withBreaker(bank, { clock, onChange: (open) => changes.push(open) })
    order = await orderOf(bank, 'payer-1')
  })

  /** 0 when a pay is admitted; else how long until one may try */
  const waitMs = () => {
    const admission = channel.admit!()
    return admission.kind === 'paused' ? admission.retryAfterMs : 0
  }
  const say = async (...outcomes: Outcome[]) => {
    for (const outcome of outcomes) {
      bank.next('pay', { kind: 'say', outcome })
      await channel.pay(order)
    }
  }
  const times = (count: number, outcome: Outcome) => Array.from({ length: count }, () => outcome)
  const GOOD: Outcome = { kind: 'succeeded', channelTradeNo: 'B1' }

  it('takes pays while the bank answers, whatever it answers', async () => {
    const answers: Outcome[] = [
      GOOD,
      { kind: 'declined', code: 'insufficient-funds' },
      { kind: 'pending' },
      { kind: 'declined', code: 'channel-code:X-99' },
      { kind: 'unknown', code: 'wrong-role' },
      // One merchant's, at a wallet.
      { kind: 'unknown', code: 'channel-refused' },
    ]
    for (let i = 0; i < 10; i++) await say(...answers)
    expect(waitMs()).toBe(0)
    expect(changes).toEqual([])
  })

  it.each([
    ...['not-sent', 'timeout', 'connection-lost', 'server-error', 'bad-signature', 'malformed-reply'],
    ...['key-unknown', 'signature-invalid', 'signature-refused', 'misconfigured', 'unsigned-refusal', 'clock-skew'],
  ])('stops new pays after five in a row that came to %s', async (code) => {
    await say(...times(4, { kind: 'unknown', code }))
    expect(waitMs()).toBe(0)
    await say({ kind: 'unknown', code })
    expect(waitMs()).toBe(OPEN_MS)
    clock.at += 1_000
    expect(waitMs()).toBe(OPEN_MS - 1_000)
    expect(changes).toEqual([true])
  })

  it('stops them when half of the last twenty failed, though never five in a row', async () => {
    for (let i = 0; i < 9; i++) await say(TROUBLE, GOOD)
    expect(waitMs()).toBe(0)
    await say(TROUBLE)
    expect(waitMs()).toBe(OPEN_MS)
  })

  it('never stops a query, a close or a refund', async () => {
    await say(...times(5, TROUBLE))
    expect((await channel.query(order)).outcome).toEqual({ kind: 'unknown', code: 'not-found' })
    expect((await channel.close(order)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
    expect(channel.refunds).toBe(bank.refunds)
  })

  it('lets one payer try after a while, the others wait, and that payer’s success opens the door', async () => {
    await say(...times(5, TROUBLE))
    clock.at += OPEN_MS
    expect([waitMs(), waitMs(), waitMs()]).toEqual([0, OPEN_MS, OPEN_MS])
    await say(GOOD)
    expect(waitMs()).toBe(0)
    expect(changes).toEqual([true, false])
    // It begins anew: what was before is forgotten.
    await say(...times(4, TROUBLE))
    expect(waitMs()).toBe(0)
  })

  it('stays as it is when the one who tried failed, or never came to pay', async () => {
    await say(...times(5, TROUBLE))
    for (const comesToPay of [true, false]) {
      clock.at += OPEN_MS
      expect(waitMs()).toBe(0)
      if (comesToPay) await say(TROUBLE)
      expect(waitMs()).toBe(OPEN_MS)
    }
    clock.at += OPEN_MS
    expect(waitMs()).toBe(0)
    expect(changes).toEqual([true])
  })

  it('doesn’t take the late answer of an earlier pay for a bank that is back', async () => {
    let answer = () => {}
    const late = new Promise<void>((resolve) => {
      answer = resolve
    })
    bank.next('pay', { kind: 'wait', until: late })
    const earlier = channel.pay(order)
    await say(...times(5, TROUBLE))
    answer()
    expect((await earlier).outcome.kind).toBe('succeeded')
    expect(waitMs()).toBe(OPEN_MS)
  })
})

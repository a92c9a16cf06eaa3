import { leaseEnvironment } from '../../../server/config/lease'
import { KEYS_KEPT_MS } from '../../../server/flow/payment/keys'
import { startFlow } from '../../support/flow'

const refused = (code: string) => ({ kind: 'refused', code })

describe('a key whose time is over', () => {
  it('makes no second payment of its quote, by a clock that went back either', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    await flow.order(one, 'old-key')
    flow.pass(KEYS_KEPT_MS)
    flow.ledger.orderByKey = async () => undefined
    expect(await flow.pay(one, 'old-key')).toEqual(refused('quote-expired'))
    flow.pass(-KEYS_KEPT_MS)
    // The ledger knows the quote; of the key it knows nothing any more.
    expect(await flow.pay(one, 'as-good-as-none')).toEqual(refused('quote-used'))
    expect(flow.pays()).toHaveLength(1)
  })

  it('was good for a day and the longest that a quote may be', () => {
    const longestMs = KEYS_KEPT_MS - 24 * 3_600_000
    const { LEASE_TTL_MS } = leaseEnvironment
    expect([longestMs, longestMs + 1].map((ms) => LEASE_TTL_MS.safeParse(ms).success)).toEqual([true, false])
  })
})

import type { ApiDocument } from '../harness/hostile'
import type { MerchantSession, OperatorSession, OrderView, QuoteView, Session } from '../server/http/contract'
import type { Arms } from './attack'
import { HOARDERS } from './attacks/hoarders'
import type { House } from './house'
import { telephone } from './telephone'

/** Beside the hoarders' own. */
const SPARE_PAYERS = 40
const MERCHANTS = 10
const AT_ONCE = 20
const NETWORK = 2

/** Everything attackers may know and have, had honestly: who logs in for a siege has all day for it, and anybody's address. */
export async function armed({ system, merchants, address, operations, password }: House, date: string): Promise<Arms> {
  let phones = 0
  async function asked<T>(path: string, body: unknown, token?: string): Promise<T> {
    const phone = telephone(system.url(), NETWORK, phones++)
    try {
      return await phone.ask<T>('arming', 'POST', path, {
        body,
        key: `arming-order-${phones}`,
        ...(token && { token }),
      })
    } finally {
      await phone.close()
    }
  }
  const payer = async (code: string) => (await asked<Session>('/api/session', { platform: 'browser', code })).token
  const operator = async (username: string) =>
    (await asked<OperatorSession>('/admin/session', { username, password })).token
  const merchant = async (code: string) => {
    const body = { platform: 'browser', code: `merchant-${code}` }
    return (await asked<MerchantSession>('/api/merchant/session', body)).token
  }
  const payers: string[] = []
  while (payers.length < HOARDERS.large + SPARE_PAYERS)
    payers.push(
      ...(await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => payer(`attacker-${payers.length + i}`)))),
    )
  const feeds = await Promise.all(merchants.small.slice(0, MERCHANTS).map(merchant))
  const first = await payer('attacker-first')
  const wanted = { merchantCode: 'M0001', amountFen: 2_000, channel: 'bank' }
  const { quoteId } = await asked<QuoteView>('/api/quotes', wanted, first)
  const { orderNo } = await asked<OrderView>('/api/orders', { quoteId }, first)
  return {
    house: address,
    operations,
    document: (await system.call('GET', '/openapi.json')).body as ApiDocument,
    examples: {
      ...{ code: 'M0001', merchantCode: 'M0001', orderNo, quoteId, date, platform: 'browser', channel: 'bank' },
      ...{ startDate: '2099-01-01', endDate: '2099-02-01', id: 'food-street', campaignId: 'food-street' },
      ...{ 'If-Match': '"1"', username: 'somebody', reason: '退一点', role: 'staff', name: '某某' },
    },
    payers,
    merchants: feeds,
    maker: await operator('maker'),
    auditor: await operator('auditor'),
    merchantCodes: Array.from({ length: 20 }, (_, i) => `M${String(i + 1).padStart(4, '0')}`),
    hoarded: { small: merchants.small, large: merchants.large },
  }
}

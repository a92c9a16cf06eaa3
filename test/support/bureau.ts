import { addDays, businessDate } from '../../server/domain/business-date'
import { startAndEnd } from '../../server/flow/campaign/review'
import type {
  CampaignDetail,
  MerchantSummaryView,
  MerchantView,
  OrderView,
  QuoteView,
  RulesView,
} from '../../server/http/contract'
import { merchants as STREET } from '../../server/sandbox/food-street'
import type { Sql } from '../../server/store/sql/open-sql'
import { CAMPAIGN } from './flow'
import { person, type Sent, startHouse } from './house'

/** The house on the whole street, where campaigns are drafted and reviewed through its routes. */

/** M0001, M0003, … belong to branch B01, the even ones to B02. */
const STAFF = [
  person('maker', ['maker']),
  person('maker2', ['maker']),
  person('checker', ['checker']),
  person('chief', ['maker', 'checker']),
  person('viewer', ['viewer']),
  person('south', ['maker', 'checker'], 'B01'),
  person('south2', ['checker'], 'B01'),
  person('north', ['maker', 'checker'], 'B02'),
]

export type Bureau = Awaited<ReturnType<typeof startBureau>>

export async function startBureau(sql: Sql) {
  const house = await startHouse(sql, { street: { merchants: STREET, campaigns: [] }, staff: STAFF })
  const { flow, deps, as, call, payer } = house
  const today = () => businessDate(flow.clock.at)

  return {
    ...house,
    campaigns: deps.campaigns,
    today,
    pass: (days: number) => flow.pass(days * 86_400_000),
    startAndEnd: () => startAndEnd(deps),
    terms: (change: object = {}) => termsOf(today(), change),
    /** A draft of the case for ten days from tomorrow, at M0001 and M0002. */
    draft: (change: object = {}, by = 'maker') =>
      as(by).post<CampaignDetail>('/admin/campaigns', termsOf(today(), change)),
    /** From a draft to an approved campaign. */
    async approved(change: object = {}): Promise<CampaignDetail> {
      const { campaignId } = (await this.draft(change)).body
      expect((await this.ask('maker', campaignId, 'submit')).status).toBe(200)
      const { status, body } = await this.ask('checker', campaignId, 'approve')
      expect({ status, code: body.code }).toEqual({ status: 200, code: undefined })
      return body
    },
    /** Asks for or reviews a change as who has just looked, with nothing in the body unless given. */
    ask: (by: string, campaignId: string, verb: string, sent: Sent = {}) =>
      as(by).decide(`/admin/campaigns/${campaignId}/${verb}`, undefined, sent),
    clearSketches: async (by: string) => {
      const { sketches } = deps.desk
      for (const { name } of await sketches.list(by)) await sketches.drop(by, name)
    },
    detail: async (campaignId: string, by = 'maker') =>
      (await as(by).get<CampaignDetail>(`/admin/campaigns/${campaignId}`)).body,
    async quote(name: string, merchantCode = 'M0001', amountFen = 10_000): Promise<QuoteView> {
      const body = { merchantCode, amountFen, channel: 'bank' }
      return (await call<QuoteView>('POST', '/api/quotes', await payer(name), { body })).body
    },
    /** What can be given there now, as the payer's two pages and the merchant's own are told. */
    async given(merchantCode = 'M0001') {
      const shop = (await call<MerchantView>('GET', `/api/merchants/${merchantCode}`)).body
      const law = (await call<RulesView>('GET', `/api/merchants/${merchantCode}/rules`)).body
      const day = (await call<MerchantSummaryView>('GET', '/api/merchant/summary', house.owner(merchantCode))).body
      return [shop.offer, law.today, day.today]
    },
    /** Its campaign as its owner is told. */
    ownCampaign: async (merchantCode: string) =>
      (await call<MerchantSummaryView>('GET', '/api/merchant/summary', house.owner(merchantCode))).body.campaign,
    async pay(name: string, { quoteId }: QuoteView): Promise<OrderView> {
      const headers = { 'Idempotency-Key': `${name}-${quoteId.slice(-20)}`.replace(/[^\w-]/g, '-') }
      const { status, body } = await call<OrderView>('POST', '/api/orders', await payer(name), {
        headers,
        body: { quoteId },
      })
      expect(status).toBe(200)
      return body
    },
  }
}

/** What a refusal says: its status, its code, and the field at fault if it names one. */
export async function refused(answer: Promise<{ status: number; body: object }>) {
  const { status, body } = await answer
  const { code, field } = body as { code?: string; field?: string }
  return [status, code, ...(field ? [field] : [])]
}

function termsOf(today: string, change: object) {
  return {
    name: 'street',
    organiser: 'bank',
    startDate: addDays(today, 1),
    endDate: addDays(today, 10),
    rule: CAMPAIGN.rule,
    budgetFen: 1_000_000,
    merchantCodes: ['M0001', 'M0002'],
    ...change,
  }
}

import type { CampaignEffect, Report } from '@contract'

/** A campaign's report and effect in the contract's types, for tests of the console. */

const DAYS = 36
const dayOf = (i: number) => new Date(Date.UTC(2026, 9, 15 + i)).toISOString().slice(0, 10)

/** Twenty merchants against eight that were drawn: by the sixth look the lift is plain. */
export function effectOf(more: Partial<CampaignEffect> = {}): CampaignEffect {
  const points = Array.from({ length: DAYS }, (_, i) => ({
    businessDate: dayOf(i),
    treated: i < 17 ? 0.02 + (i % 3) / 1_000 : 0.02 + 0.125 * (1 - Math.exp(-(i - 16) / 6)),
    control: 0.02 + ((i * 7) % 5) / 1_000,
  }))
  const look = (i: number) => {
    const points = 11.6 - 4 / (i + 1)
    const half = 14 / (i + 1) ** 1.4
    return {
      businessDate: dayOf(19 + 3 * i),
      each: { points, low: points - half, high: points + half },
      weighted: { points: points - 0.7, low: points - half - 1, high: points + half },
      treatedMerchants: 20,
      controlMerchants: 8,
    }
  }
  return {
    campaignId: 'food-street',
    state: 'measured',
    startDate: dayOf(17),
    plannedEndDate: dayOf(46),
    plannedDays: 30,
    looks: Array.from({ length: 6 }, (_, i) => look(i)),
    nextLook: dayOf(37),
    treated: {
      merchants: 20,
      unknown: 0,
      before: { orders: 5_100, own: 107, share: 0.021 },
      during: { orders: 6_900, own: 980, share: 0.142 },
      after: { orders: 0, own: 0, share: null },
    },
    control: {
      merchants: 8,
      unknown: 0,
      before: { orders: 1_000, own: 20, share: 0.02 },
      during: { orders: 1_300, own: 33, share: 0.0254 },
      after: { orders: 0, own: 0, share: null },
    },
    points,
    joinedLater: 0,
    drawn: { percent: 30, commitment: 'c0ff'.repeat(16), listHash: 'beef'.repeat(16), keyId: 'c0ffee00' },
    power: null,
    cost: { orders: 704, costFen: 3_029_400, perOrderFen: 4_303, lowFen: 3_900, highFen: 4_800 },
    ...more,
  }
}

export function reportOf(more: Partial<Report> = {}): Report {
  const figures = {
    orderCount: 12_840,
    discountCount: 3_871,
    discountFen: 3_041_800,
    payerDiscountFen: 1_521_900,
    merchantRewardFen: 1_519_900,
    refundedSubsidyFen: 12_400,
    correctedFen: 0,
    costFen: 3_029_400,
    slotsDealt: 8_000,
    slotsLeft: 4_129,
  }
  return {
    campaignId: 'food-street',
    from: dayOf(0),
    to: dayOf(DAYS - 1),
    by: 'day',
    total: figures,
    rows: Array.from({ length: 8 }, (_, i) => ({
      key: dayOf(DAYS - 8 + i),
      label: dayOf(DAYS - 8 + i),
      orderCount: 640 + i * 7,
      discountCount: 190 + i * 3,
      discountFen: 152_000 + i * 811,
      payerDiscountFen: 76_000 + i * 406,
      merchantRewardFen: 76_000 + i * 405,
      refundedSubsidyFen: i * 120,
      correctedFen: 0,
      costFen: 152_000 + i * 691,
      slotsDealt: 400,
      slotsLeft: 210 - i * 3,
      soldOutAt: null,
    })),
    channels: [
      { businessDate: '2026-11-19', channel: 'bank', orders: 60 },
      { businessDate: '2026-11-19', channel: 'wechatpay', orders: 30 },
      { businessDate: '2026-11-20', channel: 'bank', orders: 70 },
      { businessDate: '2026-11-20', channel: 'wechatpay', orders: 25 },
      { businessDate: '2026-11-20', channel: 'alipay', orders: 15 },
    ],
    cards: Array.from({ length: 18 }, (_, i) => {
      const fromFen = 100 + i * 50
      const inBand = fromFen >= 700 && fromFen < 900
      return { fromFen, toFen: fromFen + 49, count: inBand ? 300 + ((i * 31) % 40) : (i * 13) % 28, inBand }
    }),
    ...more,
  }
}

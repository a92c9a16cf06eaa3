import type { DeckView } from '@contract'
import { act, cleanup, fireEvent, render } from '@testing-library/react'
import { commitment, deal } from '../../server/domain/deck'
import { commitTo, commitToSecret, seedOf } from '../../server/domain/deck-proof'
import VerifyPage from '../../src/pages/verify/index'
import { fake } from '../support/taro'
import { bff, problem } from '../support/taro-bff'

const RULE = {
  thresholdFen: 1_000,
  slots: 6,
  minFen: 100,
  maxFen: 1_000,
  bandMinFen: 700,
  bandMaxFen: 900,
  bandPercent: 80,
  payerPercent: 50,
}
const SECRET = Buffer.alloc(32, 5)
const NAME = { campaignId: 'food-street', version: 1, merchantCode: 'M0001', businessDate: '2026-11-19', beacon: null }
const SEED = seedOf(SECRET, NAME)
const AMOUNTS = deal(RULE, SEED)
const DECK: DeckView = {
  ...NAME,
  merchantName: '老街牛肉面',
  rule: RULE,
  wantedSlots: RULE.slots,
  commitment: commitTo({ ...NAME, rule: RULE, slots: RULE.slots }, SEED),
  dealtAt: '2026-11-18T15:00:05.000Z',
  closedAt: null,
  seed: SEED.toString('hex'),
  amountsFen: AMOUNTS,
  revealedAt: '2026-11-19T16:02:10.000Z',
}
const PATH = 'GET /api/decks/food-street/M0001/2026-11-19'
const SECRETS = 'GET /api/campaigns/food-street/secret'
const VERSION = {
  ...{ version: 1, approvedAt: '2026-10-30T02:00:00.000Z', committedAt: '2026-10-30T02:00:00.000Z' },
  commitment: commitToSecret('food-street', SECRET),
}
const revealed = (secret: Buffer | null) => () => ({
  data: {
    campaignId: 'food-street',
    versions: [{ ...VERSION, secret: secret?.toString('hex') ?? null }],
    revealedAt: null,
  },
})

beforeEach(() => {
  fake.reset()
  fake.params = { campaign: 'food-street', merchant: 'M0001', date: '2026-11-19' }
})
afterEach(cleanup)

const text = (selector: string) => [...document.querySelectorAll(selector)].map((one) => one.textContent)

async function open(answer: Parameters<typeof bff>[0][string], secrets = revealed(null)) {
  fake.answer = bff({ [PATH]: answer, [SECRETS]: secrets })
  await act(async () => void render(<VerifyPage />))
}

/** One commitment, three forged openings: cards that follow from the seed, and everything else as it should be. */
const forged: [string, Partial<DeckView>, number][] = [
  [
    'five other cards of the same seed',
    { rule: { ...RULE, slots: 5 }, amountsFen: deal({ ...RULE, slots: 5 }, SEED) },
    0,
  ],
  [
    'a deck of another rule of the same seed',
    { rule: { ...RULE, maxFen: 950 }, amountsFen: deal({ ...RULE, maxFen: 950 }, SEED) },
    0,
  ],
  ['the deck of another day', { businessDate: '2026-11-18' }, 0],
]

describe('验证牌组', () => {
  it('deals the deck again and says that it holds, check by check', async () => {
    await open(() => ({ data: DECK }))
    expect(text('.verify__word')).toEqual(['验证通过'])
    expect(text('.verify__mark')).toEqual(['✓', '✓', '✓', '✓'])
    expect(text('.verify__found')).toEqual([
      '承诺值活动、版本、规则、份数、日期、商户和种子合在一起的 SHA‑256 就是发牌时公布的承诺值',
      '金额6 份金额都能由种子重新发出',
      expect.stringMatching(/^区间\d 份在 ¥7\.00–¥9\.00 之间，承诺至少 5 份$/),
      '上下限每份都在 ¥1.00–¥10.00 之间',
    ])
    expect(document.querySelectorAll('.cards__dot')).toHaveLength(6)
    expect(text('.verify__code')).toEqual([DECK.commitment, DECK.seed])
  })

  it('needs nobody to log in', async () => {
    await open(() => ({ data: DECK }))
    const header = { 'X-Fapai-Device': expect.any(String) }
    const asked = [PATH, SECRETS].map((path) => expect.objectContaining({ path: path.slice(4), header }))
    expect(fake.requests).toEqual(asked)
  })

  it('says which card differs, and what it should be', async () => {
    await open(() => ({ data: { ...DECK, amountsFen: AMOUNTS.with(2, 1_000) } }))
    const should = (AMOUNTS[2]! / 100).toFixed(2)
    expect(text('.verify__word')).toEqual(['验证不通过'])
    expect(text('.verify__found')[1]).toBe(`金额第 3 份公布的是 ¥10.00，按种子应为 ¥${should}`)
    expect(text('.verify__mark')[1]).toBe('✗')
    expect(document.querySelectorAll('.cards__dot--wrong')).toHaveLength(1)
    expect(document.querySelectorAll('.cards__dot--due')).toHaveLength(1)
  })

  it.each([
    ['another commitment', { commitment: '0'.repeat(64) }, 0],
    ['a card that was taken away', { amountsFen: AMOUNTS.slice(0, 5) }, 1],
    ['a card that was added', { amountsFen: [...AMOUNTS, 800] }, 1],
    ['another rule', { rule: { ...RULE, bandPercent: 50 } }, 1],
    ...forged,
  ])('does not pass %s', async (_, changed, check) => {
    await open(() => ({ data: { ...DECK, ...changed } }))
    expect(text('.verify__word')).toEqual(['验证不通过'])
    expect(text('.verify__mark')[check]).toBe('✗')
  })

  it('still proves a deck from before commitments had a tag', async () => {
    await open(() => ({ data: { ...DECK, commitment: commitment(SEED) } }))
    expect(text('.verify__word')).toEqual(['验证通过'])
    expect(text('.verify__found')[0]).toBe('承诺值种子的 SHA‑256 就是发牌时公布的承诺值')
  })

  it('proves a payer’s own card by the link from their receipt, and refuses what they were not told', async () => {
    const link = { slot: '3', fen: String(AMOUNTS[2]), commitment: DECK.commitment }
    fake.params = { ...fake.params, ...link }
    await open(() => ({ data: DECK }))
    expect(text('.verify__found')[4]).toBe(
      `您的这一份付款时告诉您的承诺值就是这副牌的；第 3 份正是您享受的 ¥${(AMOUNTS[2]! / 100).toFixed(2)}`,
    )
    cleanup()
    fake.params = { ...fake.params, fen: '999' }
    await open(() => ({ data: DECK }))
    expect(text('.verify__word')).toEqual(['验证不通过'])
    expect(text('.verify__found')[4]).toContain('您享受的是 ¥9.99')
    cleanup()
    fake.params = { ...fake.params, ...link, commitment: `v2.${'0'.repeat(64)}` }
    await open(() => ({ data: DECK }))
    expect(text('.verify__word')).toEqual(['验证不通过'])
    expect(text('.verify__found')[4]).toContain('付款时告诉您的承诺值不是这副牌的')
    cleanup()
    fake.params = { ...fake.params, ...link, fen: '' }
    await open(() => ({ data: DECK }))
    expect(text('.verify__word')).toEqual(['验证通过'])
  })

  it('checks where the seed came from once the campaign’s secret is published', async () => {
    await open(() => ({ data: DECK }), revealed(SECRET))
    expect(text('.verify__found')[4]).toBe('种子来历种子由活动批准时就已承诺的密钥推出，没有挑选过')
    cleanup()
    const chosen = Buffer.alloc(32, 6)
    const commitment = commitTo({ ...NAME, rule: RULE, slots: 6 }, chosen)
    const ground = { ...DECK, seed: chosen.toString('hex'), amountsFen: deal(RULE, chosen), commitment }
    await open(() => ({ data: ground }), revealed(SECRET))
    expect(text('.verify__word')).toEqual(['验证不通过'])
    expect(text('.verify__found')[4]).toBe('种子来历种子不是由活动密钥推出的')
  })

  it('does not hang on a rule from which nothing can be dealt', async () => {
    await open(() => ({ data: { ...DECK, rule: { ...RULE, bandMinFen: 950 } } }))
    expect(text('.verify__found')).toEqual(['种子和规则公布的种子或规则不完整，无法重新发牌'])
  })

  it('says when a deck of today will be revealed, and shows its commitment', async () => {
    await open(() => ({ data: { ...DECK, seed: null, amountsFen: null } }))
    expect(text('.verify__verdict')).toEqual([
      '尚未公布全部金额和排出它们的随机数（种子）将在 2026-11-20 00:02:10 公布，届时可以核对',
    ])
    expect(text('.verify__code')).toEqual([DECK.commitment])
    expect(document.querySelector('.cards')).toBeNull()
  })

  it('says that no deck was dealt on a day, and looks at another', async () => {
    await open(() => problem(404, 'deck-not-found'))
    expect(text('.notice__title')).toEqual(['这一天没有优惠'])
    fake.answer = bff({ 'GET /api/decks/food-street/M0001/2026-11-18': () => ({ data: DECK }) })
    const picker = document.querySelector('input')!
    await act(async () => void fireEvent.change(picker, { target: { value: '2026-11-18' } }))
    expect(text('.verify__word')).toEqual(['验证通过'])
  })

  it('offers to try again without a network', async () => {
    fake.answer = () => 'offline'
    await act(async () => void render(<VerifyPage />))
    expect(text('.notice__title')).toEqual(['网络不通'])
    fake.answer = bff({ [PATH]: () => ({ data: DECK }) })
    await act(async () => void fireEvent.click(document.querySelector('.notice__action button')!))
    expect(text('.verify__word')).toEqual(['验证通过'])
  })

  it('says of an engine without large numbers that it can’t tell, and neither that the deck holds nor that it doesn’t', async () => {
    const { BigInt: had } = globalThis
    Object.assign(globalThis, { BigInt: undefined })
    try {
      await open(() => ({ data: DECK }))
    } finally {
      Object.assign(globalThis, { BigInt: had })
    }
    expect(text('.verify__word')).toEqual(['这台设备不能核对'])
    expect(document.body.textContent).not.toMatch(/验证(不)?通过/)
    expect(text('.verify__code')).toEqual([DECK.commitment, DECK.seed])
  })

  it('shows yesterday unless told', async () => {
    fake.params = { campaign: 'food-street', merchant: 'M0001' }
    const yesterday = new Date(Date.now() + 8 * 3_600_000 - 86_400_000).toISOString().slice(0, 10)
    fake.answer = bff({ [`GET /api/decks/food-street/M0001/${yesterday}`]: () => ({ data: DECK }) })
    await act(async () => void render(<VerifyPage />))
    expect(text('.verify__word')).toEqual(['验证通过'])
  })
})

import { type Flow, MERCHANT, OUTSIDER, startFlow } from '../../support/flow'

const { merchantCode } = MERCHANT
const OTHER = { branchCode: 'B02', branchName: '城北支行', glAccount: '6421-07' }
const DAY_MS = 86_400_000

/** The subsidy's legs as they were posted, by account. */
const posted = ({ ledger }: Flow) =>
  ledger.postings.filter((one) => one.role === 'gl').map(({ account, amountFen }) => [account, Math.sign(amountFen)])

describe('a merchant that moves to another branch during the day', () => {
  it('draws its cards of the day from the branch to which its deck was committed, whenever they were quoted', async () => {
    const flow = startFlow()
    const before = await flow.quote('p1')
    flow.ledger.change(merchantCode, OTHER)
    const orders = [await flow.order(before), await flow.order(await flow.quote('p2'))]
    expect(orders.map((one) => [one.branchCode, one.accounts.gl])).toEqual([
      ['B01', '6421-03'],
      ['B01', '6421-03'],
    ])
    expect(posted(flow)).toEqual([
      ['6421-03', -1],
      ['6421-03', -1],
    ])
  })

  it('draws from the new one as of the next deck, and on a day without a deck at once', async () => {
    const flow = startFlow()
    flow.ledger.change(merchantCode, OTHER)
    expect(await flow.order(await flow.quote('p1'))).toMatchObject({ branchCode: 'B02', accounts: { gl: '6421-07' } })
    flow.ledger.change(merchantCode, MERCHANT)
    expect(await flow.order(await flow.quote('p2'))).toMatchObject({ branchCode: 'B02', accounts: { gl: '6421-07' } })
    flow.pass(DAY_MS)
    expect(await flow.order(await flow.quote('p3'))).toMatchObject({ branchCode: 'B01', accounts: { gl: '6421-03' } })
  })

  it('pays without a card as the branch it is in now', async () => {
    const flow = startFlow()
    await flow.order(await flow.quote('p1'))
    flow.ledger.change(merchantCode, OTHER)
    const plain = await flow.order(await flow.quote('p2', 900))
    expect(plain).toMatchObject({ card: null, branchCode: 'B02', accounts: { gl: '6421-07' } })
    expect(await flow.order(await flow.quote('p3', 900, OUTSIDER.merchantCode))).toMatchObject({ branchCode: 'B01' })
  })

  it('has yesterday’s card, paid after midnight, from yesterday’s branch', async () => {
    const flow = startFlow({ limits: { leaseTtlMs: DAY_MS } })
    const late = await flow.quote('p1')
    flow.pass(DAY_MS / 2)
    flow.ledger.change(merchantCode, OTHER)
    await flow.order(await flow.quote('p2'))
    const order = await flow.order(late)
    expect(order.businessDate).not.toBe(order.card!.businessDate)
    expect(order).toMatchObject({ branchCode: 'B01', accounts: { gl: '6421-03' } })
  })

  it('is given back by a refund of the next day from and to the account that paid', async () => {
    const flow = startFlow()
    const order = await flow.order(await flow.quote('p1'))
    flow.ledger.change(merchantCode, { ...OTHER, account: 'acct-new' })
    flow.pass(DAY_MS)
    await flow.refund(order, order.figures.payableFen)
    expect(posted(flow)).toEqual([
      ['6421-03', -1],
      ['6421-03', 1],
    ])
    expect(flow.ledger.postings.filter((one) => one.account === 'acct-new')).toEqual([])
    expect(flow.channel.balance('6421-03')).toBe(0)
  })
})

describe('a GL account that is corrected during the day', () => {
  it('pays for the decks that are dealt afterwards, and those that were dealt keep theirs, in flight and refunded', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-reply' })
    const inFlight = await flow.order(await flow.quote('p1'))
    expect(inFlight.state).toBe('paying')
    flow.ledger.change(merchantCode, { glAccount: '6421-99' })
    const after = await flow.order(await flow.quote('p2'))
    expect(after.accounts.gl).toBe('6421-03')
    flow.pass(10_000)
    await flow.sweep()
    const ended = (await flow.ledger.order(inFlight.orderNo))!
    expect([ended.state, ended.accounts.gl]).toEqual(['paid', '6421-03'])
    await flow.refund(ended, ended.figures.payableFen)
    flow.pass(DAY_MS)
    expect(await flow.order(await flow.quote('p3'))).toMatchObject({ branchCode: 'B01', accounts: { gl: '6421-99' } })
    expect(flow.channel.balance('6421-03')).toBe(-after.figures.discountFen)
  })
})

it('has no card of a deck that the ledger lost: its quote is refused, and nothing is sent', async () => {
  const flow = startFlow()
  const one = await flow.quote('p1')
  const { purse } = flow.deps.catalog
  flow.deps.catalog.purse = async () => undefined
  expect(await flow.pay(one)).toEqual({ kind: 'refused', code: 'quote-expired' })
  expect(flow.ledger.postings).toEqual([])
  flow.deps.catalog.purse = purse
  expect(await flow.order(await flow.quote('p1'))).toMatchObject({ card: { slot: one.card?.slot } })
})

it('finds nothing kept with a deck from before: its cards are paid as the merchant is now', async () => {
  const flow = startFlow()
  flow.ledger.change(merchantCode, { glAccount: '' })
  const one = await flow.quote('p1')
  flow.ledger.change(merchantCode, OTHER)
  expect(await flow.order(one)).toMatchObject({ branchCode: 'B02', accounts: { gl: '6421-07' } })
})

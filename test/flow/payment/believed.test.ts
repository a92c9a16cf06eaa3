import { agreementsOf } from '../../../server/flow/agreement/agreements'
import { end, makeDefault } from '../../../server/flow/agreement/end'
import { payAnswer } from '../../../server/flow/payment/show'
import type { Catalog } from '../../../server/flow/ports'
import { cachedCatalog } from '../../../server/store/catalog-cache'
import { type Flow, MERCHANT, startFlow } from '../../support/flow'

const { merchantCode } = MERCHANT

/** A flow whose catalogue remembers, with what it asks the store behind it, in order. */
function remembering() {
  const flow = startFlow()
  const asked: string[] = []
  const counted = { ...flow.ledger } as Catalog
  for (const name of VERBS) {
    const verb = flow.ledger[name] as (...args: unknown[]) => never
    counted[name] = (...args: unknown[]) => {
      asked.push(name)
      return verb(...args)
    }
  }
  Object.assign(flow.deps, { catalog: cachedCatalog(counted, flow.clock) })
  return { flow, asked }
}
const VERBS = ['merchant', 'shop', 'campaignFor', 'braked', 'purse', 'held', 'agreements'] as const

/** Another process, which remembers nothing of what this one does. */
const elsewhere = (flow: Flow) => ({ ...flow.deps, catalog: flow.ledger })

const known = async () => {
  const { flow, asked } = remembering()
  await agreementsOf(flow.deps, 'p1')
  return { flow, asked }
}

describe('an order that is made of what is remembered', () => {
  it('asks for the shop once a second, and for nothing else, neither to quote, to pay nor to answer', async () => {
    const { flow, asked } = await known()
    await flow.order(await flow.quote('p1'))
    asked.length = 0
    flow.pass(60_000)
    const one = await flow.order(await flow.quote('p1'))
    const told = await payAnswer({ ...flow.deps, refunds: flow.ledger }, one, flow.clock.at)
    expect(told).toMatchObject({ merchant: { merchantCode }, agreement: { agreementId: one.payerRef } })
    expect(asked).toEqual(['shop', 'held'])
  })

  it('isn’t opened at a merchant that left a moment ago, whoever entered that', async () => {
    const { flow } = await known()
    const quote = await flow.quote('p1')
    flow.ledger.change(merchantCode, { disabled: true })
    expect(await flow.pay(quote)).toEqual({ kind: 'refused', code: 'merchant-not-found' })
    expect(flow.ledger.all()).toEqual([])
    flow.ledger.change(merchantCode, { disabled: false })
    expect(await flow.order(quote)).toMatchObject({ state: 'paid' })
  })

  it('pays into the account that the merchant has now', async () => {
    const { flow } = await known()
    const quote = await flow.quote('p1')
    flow.ledger.change(merchantCode, { account: 'acct-new' })
    expect(await flow.order(quote)).toMatchObject({ state: 'paid', accounts: { merchant: 'acct-new' } })
    expect(flow.channel.balance(MERCHANT.account)).toBe(0)
  })

  it('isn’t paid by an agreement that was ended elsewhere a moment ago', async () => {
    const { flow } = await known()
    flow.channel.easy = false
    const [first] = await agreementsOf(flow.deps, 'p1')
    const quote = await flow.quote('p1')
    expect(await end(elsewhere(flow), 'p1', first!.agreementId)).toBe('done')
    expect(await flow.pay(quote)).toEqual({ kind: 'refused', code: 'agreement-not-found' })
    expect(flow.ledger.all()).toEqual([])
  })

  it('is paid by the default of now, which was chosen elsewhere a moment ago', async () => {
    const { flow } = await known()
    const [first] = await agreementsOf(flow.deps, 'p1')
    await flow.deps.agreements.keep('p1', { ...first!, agreementId: 'AG-2', account: 'acc-2' }, flow.clock.at + 1)
    const before = await flow.order(await flow.quote('p1'))
    expect(before.payerRef).toBe(first!.agreementId)
    expect(await makeDefault(elsewhere(flow), 'p1', 'AG-2')).toBe('done')
    const after = await flow.order(await flow.quote('p1'))
    expect(after).toMatchObject({ payerRef: 'AG-2', accounts: { payer: 'acc-2' } })
  })

  it('is paid by an agreement that was signed elsewhere, of which nothing is remembered, and named so', async () => {
    const { flow } = remembering()
    flow.channel.easy = false
    expect(await agreementsOf(flow.deps, 'p1')).toEqual([])
    const [other] = await agreementsOf({ ...flow.deps, channels: startFlow().deps.channels }, 'p2')
    await flow.deps.agreements.keep('p1', { ...other!, agreementId: 'AG-9' }, flow.clock.at)
    const order = await flow.order(await flow.quote('p1'))
    expect(order.payerRef).toBe('AG-9')
    await flow.deps.agreements.keep('p1', { ...other!, agreementId: 'AG-8', accountTail: '8888' }, flow.clock.at + 1)
    const named = { ...order, payerRef: 'AG-8' }
    flow.pass(1_000)
    const told = await payAnswer({ ...flow.deps, refunds: flow.ledger }, named, flow.clock.at)
    expect(told.agreement).toMatchObject({ agreementId: 'AG-8', accountTail: '8888' })
  })

  it('refuses nobody for what is only remembered', async () => {
    const { flow, asked } = await known()
    flow.ledger.change(merchantCode, { disabled: true })
    expect(await flow.deps.catalog.merchant(merchantCode, 'now')).toMatchObject({ disabled: true })
    flow.ledger.change(merchantCode, { disabled: false })
    flow.pass(1_000)
    const quote = await flow.quote('p1')
    asked.length = 0
    expect(await flow.order(quote)).toMatchObject({ state: 'paid' })
    expect(asked).not.toContain('merchant')
  })

  it('gives up, and has sent nothing, where it is otherwise at each look', async () => {
    const { flow } = await known()
    const quote = await flow.quote('p1')
    const open = flow.ledger.openOrder
    let opens = 0
    flow.ledger.openOrder = (input) => {
      flow.ledger.change(merchantCode, { account: `acct-${++opens}` })
      return open(input)
    }
    await expect(flow.pay(quote)).rejects.toThrow('changed at each look')
    expect([opens, flow.channel.calls.filter(({ verb }) => verb === 'pay')]).toEqual([6, []])
  })
})

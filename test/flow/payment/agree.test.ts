import { agreementsOf } from '../../../server/flow/payment/agree'
import { type Catalog, ChannelUnavailable } from '../../../server/flow/ports'
import { cachedCatalog } from '../../../server/store/catalog-cache'
import { type Flow, startFlow } from '../../support/flow'

const agrees = (flow: Flow) => flow.channel.calls.filter((call) => call.verb === 'agree').length

describe('a payer’s agreements', () => {
  it('in the sandbox a new person gets one, and keeps it', async () => {
    const flow = startFlow()
    const [one] = await agreementsOf(flow.deps, 'p1')
    expect(one).toMatchObject({ payerId: 'p1', accountTail: one!.account.slice(-4), createdAt: flow.clock.at })
    flow.pass(1_000)
    expect(await agreementsOf(flow.deps, 'p1')).toEqual([one])
    expect(agrees(flow)).toBe(1)
  })

  it('elsewhere nobody signs for them: there is none until the payer agrees', async () => {
    const flow = startFlow()
    flow.deps.autoSignCode = null
    expect(await agreementsOf(flow.deps, 'p1')).toEqual([])
    expect(agrees(flow)).toBe(0)
    expect(await flow.pay(await flow.quote('p1'))).toEqual({ kind: 'refused', code: 'agreement-not-found' })
  })

  it('a one-time code that the bank refuses makes none', async () => {
    const flow = startFlow()
    flow.deps.autoSignCode = '999999'
    expect(await agreementsOf(flow.deps, 'p1')).toEqual([])
  })

  it('a bank that is away says so, and the next try works', async () => {
    const flow = startFlow()
    flow.channel.next('agree', { kind: 'lose-request' })
    await expect(agreementsOf(flow.deps, 'p1')).rejects.toThrow(ChannelUnavailable)
    expect(await agreementsOf(flow.deps, 'p1')).toHaveLength(1)
  })

  it('come oldest first, and a payment takes the first unless told otherwise', async () => {
    const flow = startFlow()
    const [first] = await agreementsOf(flow.deps, 'p1')
    await flow.ledger.addAgreement({ ...first!, agreementId: 'AG-later', createdAt: flow.clock.at + 1 })
    expect((await agreementsOf(flow.deps, 'p1')).map((one) => one.agreementId)).toEqual([
      first!.agreementId,
      'AG-later',
    ])
    expect((await flow.order(await flow.quote('p1'))).payerRef).toBe(first!.agreementId)
  })
})

describe('the catalogue that remembers for a second', () => {
  it('shows a new person’s agreement to two requests that come first at once', async () => {
    const flow = startFlow()
    // A database that answers a question as it stood when it came, some time later.
    const slow = (asked: Catalog['agreements']) => async (payerId: string) => {
      const answer = await asked(payerId)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      return answer
    }
    const catalog = cachedCatalog({ ...flow.ledger, agreements: slow(flow.ledger.agreements) }, flow.clock)
    const first = agreementsOf({ ...flow.deps, catalog }, 'p1')
    const [one] = await first
    expect(one).toBeDefined()

    // The second asks while the first is between its question and its answer.
    const other = cachedCatalog({ ...flow.ledger, agreements: slow(flow.ledger.agreements) }, flow.clock)
    const early = other.agreements('p2')
    for (let i = 0; i < 3; i++) await new Promise(setImmediate)
    await other.addAgreement({ ...one!, payerId: 'p2', agreementId: 'AG-p2' })
    const late = other.agreements('p2')
    expect(await early).toEqual([])
    expect(await late).toHaveLength(1)
    expect(await other.agreements('p2')).toHaveLength(1)
  })

  it('asks once for many at once, again after a second, and serves what it remembers while the database is away', async () => {
    const flow = startFlow()
    let asked = 0
    const counted = (code: string) => {
      asked++
      return flow.ledger.merchant(code)
    }
    const catalog = cachedCatalog({ ...flow.ledger, merchant: counted }, flow.clock)
    const many = await Promise.all(Array.from({ length: 50 }, () => catalog.merchant('M0001')))
    expect([asked, new Set(many).size]).toEqual([1, 1])
    flow.pass(999)
    flow.ledger.down = true
    expect((await catalog.merchant('M0001'))?.merchantCode).toBe('M0001')
    flow.pass(1)
    await expect(catalog.merchant('M0001')).rejects.toThrow('down')
    flow.ledger.down = false
    expect((await catalog.merchant('M0001'))?.merchantCode).toBe('M0001')
    expect(asked).toBe(3)
  })
})

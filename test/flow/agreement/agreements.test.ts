import { agreementsOf } from '../../../server/flow/agreement/agreements'
import { ChannelUnavailable } from '../../../server/flow/ports'
import { cachedCatalog } from '../../../server/store/catalog-cache'
import { type Flow, startFlow } from '../../support/flow'

const agrees = (flow: Flow) => flow.channel.calls.filter((call) => call.verb === 'easy').length

describe('a payer’s agreements', () => {
  it('in an easy sandbox a new person gets one, and keeps it', async () => {
    const flow = startFlow()
    const [one] = await agreementsOf(flow.deps, 'p1')
    expect(one).toMatchObject({ payerId: 'p1', accountTail: one!.account.slice(-4), createdAt: flow.clock.at })
    flow.pass(1_000)
    expect(await agreementsOf(flow.deps, 'p1')).toEqual([one])
    expect(agrees(flow)).toBe(1)
  })

  it('elsewhere nobody signs for them: there is none until the payer agrees', async () => {
    const flow = startFlow()
    flow.channel.easy = false
    expect(await agreementsOf(flow.deps, 'p1')).toEqual([])
    expect(agrees(flow)).toBe(0)
    expect(await flow.pay(await flow.quote('p1'))).toEqual({ kind: 'refused', code: 'agreement-not-found' })
  })

  it('a bank that is away says so, and the next try works', async () => {
    const flow = startFlow()
    flow.channel.next('easy', { kind: 'lose-request' })
    await expect(agreementsOf(flow.deps, 'p1')).rejects.toThrow(ChannelUnavailable)
    expect(await agreementsOf(flow.deps, 'p1')).toHaveLength(1)
  })

  it('come oldest first, and a payment takes the first unless told otherwise', async () => {
    const flow = startFlow()
    const [first] = await agreementsOf(flow.deps, 'p1')
    await flow.deps.agreements.keep('p1', { ...first!, agreementId: 'AG-later' }, flow.clock.at + 1)
    expect((await agreementsOf(flow.deps, 'p1')).map((one) => one.agreementId)).toEqual([
      first!.agreementId,
      'AG-later',
    ])
    expect((await flow.order(await flow.quote('p1'))).payerRef).toBe(first!.agreementId)
  })
})

describe('the catalogue that remembers for a second', () => {
  it('shows at once, to whoever asks for now, what another process has signed or ended', async () => {
    const flow = startFlow()
    const [here, there] = [cachedCatalog(flow.ledger, flow.clock), cachedCatalog(flow.ledger, flow.clock)]
    const [one] = await agreementsOf({ ...flow.deps, catalog: here }, 'p1')
    expect(await there.agreements('p1')).toEqual([one])
    await flow.deps.agreements.keep('p1', { ...one!, agreementId: 'AG-2' }, flow.clock.at)
    await flow.deps.agreements.end(one!.agreementId, flow.clock.at)
    expect((await agreementsOf({ ...flow.deps, catalog: there }, 'p1')).map((left) => left.agreementId)).toEqual([
      'AG-2',
    ])
    // and those who only want to name one are served from memory, with what has just been heard
    flow.ledger.down = true
    expect(await there.agreements('p1')).toHaveLength(2)
  })

  it('lets nobody who asks for now join, or be answered by, a question from before', async () => {
    const flow = startFlow()
    const [one] = await agreementsOf(flow.deps, 'p1')
    // A database that answers a question as it stood when it came, some time later.
    const slow = async (payerId: string) => {
      const answer = await flow.ledger.agreements(payerId)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      return answer
    }
    const catalog = cachedCatalog({ ...flow.ledger, agreements: slow }, flow.clock)
    const early = catalog.agreements('p1')
    for (let i = 0; i < 3; i++) await new Promise(setImmediate)
    await flow.deps.agreements.end(one!.agreementId, flow.clock.at)
    const now = catalog.agreements('p1', 'now')
    expect((await early)[0]!.endedAt).toBeNull()
    expect((await now)[0]!.endedAt).toBe(flow.clock.at)
    expect((await catalog.agreements('p1'))[0]!.endedAt).toBe(flow.clock.at)
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

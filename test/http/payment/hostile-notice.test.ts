import { bankAdmin } from '../../../harness/bank'
import * as toy from '../../../harness/toy-wallet/channel/sign'
import * as bank from '../../../server/channel/bank/sign'
import { channelNo } from '../../../server/domain/channel'
import type { OrderView } from '../../../server/http/contract'
import { merchants } from '../../../server/sandbox/food-street'
import { sandboxKeys } from '../../../server/sandbox/keys'
import { startToyHouse, type ToyHouse } from '../../support/toy-house'

/** A notice that is signed says whose word it is, and not that it makes sense. */

const nested = '['.repeat(7_000) + ']'.repeat(7_000)
const HALF = '\ud800'

/** What a signed notice says of an order instead of the truth, as it stands in the body, by the name of what is wrong. */
function twisted(truth: Record<string, unknown>, number: string, tradeNo: string): [string, string | Buffer][] {
  const text = (changed: object) => JSON.stringify({ ...truth, ...changed })
  return [
    ['NUL in the number', text({ [number]: `${truth[number]}\0` })],
    ['a number of NUL alone', text({ [number]: '\0' })],
    ['NUL in the trade number', text({ [tradeNo]: 'T\0' })],
    ['NUL where nobody looks', text({ memo: '\0' })],
    ['half a letter', text({ [tradeNo]: HALF })],
    ['half a letter in a name', text({ [HALF]: 1 })],
    ['7,000 levels', `{"deep":${nested},${text({}).slice(1)}`],
    ['nothing but levels', nested],
    ['no amount', text({ amountFen: undefined })],
    ['less', text({ amountFen: (truth.amountFen as number) - 1 })],
    ['a negative amount', text({ amountFen: -1 })],
    ['an amount in words', text({ amountFen: String(truth.amountFen) })],
    ['an amount beyond all numbers', text({}).replace(/"amountFen":\d+/, '"amountFen":1e400')],
    ['another currency', text({ currency: 'cny' })],
    ['another payee', text({ payee: 'acct-thief' })],
    ['a list for a number', text({ [number]: [truth[number]] })],
    ['a state nobody knows', text({ state: 'maybe' })],
    ['no trade number', text({ [tradeNo]: undefined })],
    ['a trade number of 10 kB', text({ [tradeNo]: 'T'.repeat(10_000) })],
    ['a list', `[${text({})}]`],
    ['null', 'null'],
    ['nothing', ''],
    ['no JSON', text({}).slice(0, -1)],
    ['no UTF-8', Buffer.concat([Buffer.from(text({}).slice(0, -2)), Buffer.from([0xc3, 0x28, 0x22, 0x7d])])],
  ]
}

describe('a signed notice that makes no sense', () => {
  let house: ToyHouse
  const walletKeys = toy.generateToyKeys()
  let made = 0

  beforeAll(async () => {
    // The wallet's notices are signed by us; its replies are then nobody's word, and its orders stay unknown.
    house = await startToyHouse({ walletPublicKey: walletKeys.publicKey, payWithinMs: 7_200_000, timeoutMs: 10_000 })
    // An order at the bank stays pending, however often it is asked about.
    const admin = bankAdmin(house.bank.url, house.bank.adminToken)
    await admin.faults({ mode: 'pending', pendingQueries: 1_000_000, on: ['pay'] })
  })
  afterAll(() => house?.stop())

  function signedByBank(path: string, body: string | Buffer): Record<string, string> {
    const timestamp = String(Date.now())
    const nonce = (++made).toString(16).padStart(32, '0')
    const text = bank.requestText({ method: 'POST', path, timestamp, nonce, body })
    const { privateKey, publicKey } = sandboxKeys(house.dataDir).bank.bank
    const signature = bank.signer(privateKey)(text)
    const own = { [bank.HEADER.keyId]: bank.keyIdOf(publicKey), [bank.HEADER.timestamp]: timestamp }
    return { ...own, [bank.HEADER.nonce]: nonce, [bank.HEADER.signature]: signature }
  }
  function signedByWallet(path: string, body: string | Buffer): Record<string, string> {
    const timestamp = String(Date.now())
    const nonce = (++made).toString(16).padStart(32, '0')
    const text = toy.requestText({ method: 'POST', path, timestamp, nonce, body })
    const signature = toy.signer(walletKeys.privateKey)(text)
    return { [toy.HEADER.timestamp]: timestamp, [toy.HEADER.nonce]: nonce, [toy.HEADER.signature]: signature }
  }

  /** What each twisted notice is answered, and the state it leaves the order in. */
  async function told(
    channel: string,
    sign: typeof signedByBank,
    bodies: [string, string | Buffer][],
    order: OrderView,
  ) {
    const path = `/channel/${channel}/notify`
    const wrong: string[] = []
    for (const [name, body] of bodies) {
      const raw = { type: 'application/json', text: body }
      const { status, body: said } = await house.call('POST', path, { headers: sign(path, body), raw })
      const { state } = await house.view(order)
      if (status >= 500 || state !== 'paying' || String(said) === '') wrong.push(`${name}: ${status}, ${state}`)
      if (/NUL|letter|levels|JSON|UTF/.test(name) && status !== 403) wrong.push(`${name}: ${status}, and not refused`)
    }
    return wrong
  }
  const good = (channel: string, sign: typeof signedByBank, truth: object) => {
    const path = `/channel/${channel}/notify`
    const text = JSON.stringify(truth)
    return house.call('POST', path, { headers: sign(path, text), raw: { type: 'application/json', text } })
  }

  it('of the bank ends no order and breaks nothing; the true one does', async () => {
    const order = await house.opened(2_000, 'bank')
    expect(order.state).toBe('paying')
    const { payableFen: amountFen, orderNo } = order
    const seen = { amountFen, currency: 'CNY', payee: 'acct-M0001' }
    const truth = { orderNo, state: 'succeeded', channelTradeNo: 'B-1', ...seen }
    expect(await told('bank', signedByBank, twisted(truth, 'orderNo', 'channelTradeNo'), order)).toEqual([])
    const ofRefund = { ...truth, refundNo: 'R\0', channelRefundNo: 'R1' }
    expect(await told('bank', signedByBank, twisted(ofRefund, 'refundNo', 'channelRefundNo'), order)).toEqual([])
    expect((await good('bank', signedByBank, truth)).status).toBe(200)
    expect((await house.view(order)).state).toBe('paid')
  })

  it('of the wallet ends no order and breaks nothing; the true one does', async () => {
    const order = await house.opened()
    expect(order.state).toBe('paying')
    const number = channelNo(order.orderNo)
    const seen = { amountFen: order.payableFen, currency: 'CNY', payee: merchants[0]!.walletAccounts.alipay! }
    const truth = { about: 'payment', number, state: 'paid', tradeNo: 'T-1', ...seen }
    expect(await told('alipay', signedByWallet, twisted(truth, 'number', 'tradeNo'), order)).toEqual([])
    const ofRefund = { ...truth, about: 'refund', refundNumber: 'R1', refundId: 'R1' }
    expect(await told('alipay', signedByWallet, twisted(ofRefund, 'refundNumber', 'refundId'), order)).toEqual([])
    expect((await good('alipay', signedByWallet, truth)).status).toBe(200)
    expect((await house.view(order)).state).toBe('paid')
  })
})

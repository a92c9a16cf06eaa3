import { payCodeSeals } from '../../../server/domain/pay-code'
import { makePayCode, readPayCode, scannedPayCode } from '../../../server/flow/payment/pay-code'
import { quote } from '../../../server/flow/payment/quote'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { type Flow, LIMITS, MERCHANT, OUTSIDER, startFlow } from '../../support/flow'

const LASTS_MS = 300_000
const { merchantCode } = MERCHANT
const AMOUNT_FEN = 6_600

function start(flow: Flow = startFlow()) {
  const make = (amountFen = AMOUNT_FEN, code = merchantCode) => {
    const made = makePayCode(flow.deps, code, amountFen)
    if (made.kind !== 'made') throw new Error(made.kind)
    return made.text
  }
  const ask = (payerId: string, payCode: string, changed: object = {}) =>
    quote(flow.deps, { payerId, merchantCode, amountFen: AMOUNT_FEN, channel: 'bank', payCode, ...changed })
  const quoted = async (payerId: string, payCode: string) => {
    const result = await ask(payerId, payCode)
    if (result.kind !== 'quoted') throw new Error(result.kind)
    return result.quote
  }
  /** how it stands to who scans it, and to its shop */
  const seen = async (text: string) => {
    const found = await scannedPayCode(flow.deps, merchantCode, text)
    return [
      found.kind === 'open' ? found.code.amountFen : found.code,
      (await readPayCode(flow.deps, merchantCode, text))?.standing.kind,
    ]
  }
  const declined = () => flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
  return { flow, make, ask, quoted, seen, declined }
}

describe('a code for one payment', () => {
  it('says its amount for five minutes, and then that it is over', async () => {
    const { flow, make, seen } = start()
    const text = make()
    expect(await seen(text)).toEqual([AMOUNT_FEN, 'open'])
    flow.pass(LASTS_MS - 1)
    expect(await seen(text)).toEqual([AMOUNT_FEN, 'open'])
    flow.pass(1)
    expect(await seen(text)).toEqual(['pay-code-expired', 'over'])
  })

  it('isn’t over for orders that were read before it was: somebody may have paid since', async () => {
    const { flow, make } = start()
    const text = make()
    flow.pass(LASTS_MS - 1)
    const ordersOfQuotes = async (nonces: readonly string[]) => {
      const found = await flow.deps.ledger.ordersOfQuotes(nonces)
      flow.pass(1)
      return found
    }
    const read = await readPayCode({ ...flow.deps, ledger: { ordersOfQuotes } }, merchantCode, text)
    expect(read?.standing.kind).toBe('open')
  })

  it('fits a picture that any telephone reads, and needs no escape in an address', () => {
    const text = start().make(LIMITS.dailyPerPayerFen)
    expect(text).toMatch(/^[A-Za-z0-9_.-]+$/)
    expect(text.length).toBeLessThanOrEqual(105)
  })

  it('is quoted with a card as any order, until it ends itself at the latest', async () => {
    const { flow, make, quoted } = start()
    const text = make()
    const first = await quoted('p1', text)
    expect(first).toMatchObject({ reason: null, card: expect.any(Object), figures: { amountFen: AMOUNT_FEN } })
    expect(first.expiresAt).toBe(flow.clock.at + LIMITS.leaseTtlMs - LIMITS.leaseMarginMs)
    flow.pass(LASTS_MS - 1_000)
    const last = await quoted('p2', text)
    expect(last.expiresAt).toBe(flow.clock.at + 1_000)
    flow.pass(1_000)
    expect(await flow.pay(last)).toEqual({ kind: 'refused', code: 'quote-expired' })
  })

  it('ends by itself also where there is no discount to end', async () => {
    const { flow, make, quoted } = start(startFlow({ campaign: null }))
    const text = make()
    flow.pass(LASTS_MS - 1_000)
    expect((await quoted('p1', text)).expiresAt).toBe(flow.clock.at + 1_000)
  })

  it('is for no order of another amount or merchant, and one without it is none of its', async () => {
    const { flow, make, ask, seen } = start()
    const text = make()
    expect(await ask('p1', text, { amountFen: AMOUNT_FEN - 1 })).toEqual({ kind: 'pay-code-invalid' })
    expect(await ask('p1', text, { merchantCode: OUTSIDER.merchantCode })).toEqual({ kind: 'pay-code-invalid' })
    // another amount at the shop's own code is another payment: this one still waits for its own
    await flow.order(await flow.quote('p1', 100))
    expect(await seen(text)).toEqual([AMOUNT_FEN, 'open'])
  })

  it('can’t be changed, nor made of another sealed value of ours, nor by another key', async () => {
    const { flow, make, ask, quoted } = start()
    const text = make()
    const [body, mac] = text.split('.') as [string, string]
    const [id, , expiresAt] = JSON.parse(Buffer.from(body, 'base64url').toString())
    const cheaper = Buffer.from(JSON.stringify([id, 1, expiresAt])).toString('base64url')
    const later = Buffer.from(JSON.stringify([id, AMOUNT_FEN, expiresAt + 1])).toString('base64url')
    const stranger = payCodeSeals(Buffer.alloc(32, 1))
    const strangers = stranger.sealPayCode({ id, merchantCode, amountFen: 1, expiresAt })
    const sealed = flow.sealed(await quoted('p1', text))
    for (const other of [
      `${cheaper}.${mac}`,
      `${later}.${mac}`,
      text.slice(0, -1),
      `${text}=`,
      '',
      '.',
      sealed,
      strangers,
    ])
      for (const amountFen of [1, AMOUNT_FEN])
        expect(await ask('p1', other, { amountFen })).toEqual({ kind: 'pay-code-invalid' })
  })

  it('is paid once: by whoever is first, and once however often they ask', async () => {
    const { flow, make, ask, quoted, seen } = start()
    const text = make()
    const [mine, theirs] = [await quoted('p1', text), await quoted('p2', text)]
    const paid = await flow.order(mine, 'key-1')
    expect(paid.state).toBe('paid')
    expect((await flow.order(mine, 'key-1')).orderNo).toBe(paid.orderNo)
    expect(await flow.pay(theirs)).toEqual({ kind: 'refused', code: 'quote-used' })
    expect(await flow.pay(mine, 'key-2')).toEqual({ kind: 'refused', code: 'quote-used' })
    for (const payer of ['p1', 'p2', 'p3']) expect(await ask(payer, text)).toEqual({ kind: 'pay-code-used' })
    expect(flow.pays()).toHaveLength(1)
    // and is told as paid, not as too late; given back it isn't to be paid again
    flow.pass(LASTS_MS)
    expect(await seen(text)).toEqual(['pay-code-used', 'paid'])
    await flow.refund(paid, paid.figures.payableFen)
    expect(await seen(text)).toEqual(['pay-code-used', 'paid'])
  })

  it('of many at once one pays', async () => {
    const { flow, make, quoted } = start()
    const text = make()
    const quotes = await Promise.all(Array.from({ length: 8 }, (_, i) => quoted(`p${i}`, text)))
    const results = await Promise.all(quotes.map((one) => flow.pay(one)))
    expect(results.filter(({ kind }) => kind === 'order')).toHaveLength(1)
    expect(flow.pays()).toHaveLength(1)
  })

  it('is nobody else’s while an order of it may still be paid, and free again once that has closed', async () => {
    const { flow, make, ask, quoted, seen, declined } = start()
    const text = make()
    const stale = await quoted('p2', text)
    flow.channel.next('pay', { kind: 'lose-request' })
    await flow.order(await quoted('p1', text))
    expect(await seen(text)).toEqual(['pay-code-used', 'paying'])
    expect(await ask('p1', text)).toEqual({ kind: 'pay-code-used' })
    expect(await flow.pay(stale)).toEqual({ kind: 'refused', code: 'quote-used' })

    const other = make()
    const early = await quoted('p2', other)
    declined()
    expect((await flow.order(await quoted('p1', other))).state).toBe('closed')
    expect(await seen(other)).toEqual([AMOUNT_FEN, 'open'])
    const again = await quoted('p1', other)
    // quoted before the first order, and of its nonce: closed is for good
    expect(await flow.pay(early)).toEqual({ kind: 'refused', code: 'quote-used' })
    expect((await flow.order(again)).state).toBe('paid')
    expect(await seen(other)).toEqual(['pay-code-used', 'paid'])
  })

  it('that was tried five times and not paid is over', async () => {
    const { flow, make, quoted, seen, declined } = start()
    const text = make()
    for (let i = 0; i < 5; i++) {
      expect(await seen(text)).toEqual([AMOUNT_FEN, 'open'])
      declined()
      expect((await flow.order(await quoted(`p${i}`, text))).state).toBe('closed')
    }
    expect(await seen(text)).toEqual(['pay-code-expired', 'over'])
  })

  it('made before midnight and paid after it is of today, with the card of the day on which it was drawn', async () => {
    const { flow, make, quoted } = start()
    flow.clock.at = Date.parse('2026-11-21T23:59:00+08:00')
    const text = make()
    const before = await quoted('p1', text)
    flow.clock.at = Date.parse('2026-11-22T00:00:20+08:00')
    const after = await quoted('p2', text)
    expect([before.businessDate, after.businessDate]).toEqual(['2026-11-21', '2026-11-22'])
    const order = await flow.order(before)
    expect(order).toMatchObject({ state: 'paid', businessDate: '2026-11-22', card: { businessDate: '2026-11-21' } })
    expect(await flow.pay(after)).toEqual({ kind: 'refused', code: 'quote-used' })
  })

  it('isn’t made of more than anybody may pay', () => {
    const { flow } = start()
    const most = LIMITS.dailyPerPayerFen
    expect(makePayCode(flow.deps, merchantCode, most).kind).toBe('made')
    const refused = { kind: 'amount-above-limit', limitFen: most }
    expect(makePayCode(flow.deps, merchantCode, most + 1)).toEqual(refused)
  })

  it('isn’t said to be open while the ledger can’t say that it is; one that is none needs no ledger', async () => {
    const { flow, make, ask } = start()
    const text = make()
    flow.ledger.down = true
    await expect(ask('p1', text)).rejects.toThrow(LedgerUnavailable)
    expect((await scannedPayCode(flow.deps, merchantCode, `${text}x`)).kind).toBe('refused')
  })
})

import { randomBytes } from 'node:crypto'
import { startTestBank, type TestBank } from '../../harness/bank'
import { signedClient } from '../../server/channel/bank/client'
import {
  generateBankKeys,
  HEADER,
  Nonces,
  replyText,
  requestText,
  signer,
  verifier,
} from '../../server/channel/bank/sign'

/** The bank's side of docs/bank-channel.md, spoken to by hand. */

interface Spoken {
  method?: string
  path?: string
  body?: string
  /** what is sent instead of what was signed */
  tampered?: { method?: string; path?: string; body?: string }
  headers?: Record<string, string>
  timestamp?: string
  nonce?: string
  privateKey?: string
}

describe('the wire of the sandbox bank', () => {
  let bank: TestBank
  beforeAll(async () => {
    bank = await startTestBank()
  })
  afterAll(() => bank.stop())

  async function speak(spoken: Spoken) {
    const { method = 'POST', path = '/v1/agreements', body = '', tampered = {} } = spoken
    const timestamp = spoken.timestamp ?? String(Date.now())
    const nonce = spoken.nonce ?? randomBytes(16).toString('hex')
    const sign = signer(spoken.privateKey ?? bank.keys.client.privateKey)
    const sentMethod = tampered.method ?? method
    const sentPath = tampered.path ?? path
    const sentBody = tampered.body ?? body
    const reply = await fetch(bank.baseUrl + sentPath, {
      method: sentMethod,
      headers: {
        [HEADER.keyId]: bank.keyId,
        [HEADER.timestamp]: timestamp,
        [HEADER.nonce]: nonce,
        [HEADER.signature]: sign(requestText({ method, path, timestamp, nonce, body })),
        ...spoken.headers,
      },
      ...(sentBody === '' ? {} : { body: sentBody }),
    })
    const text = await reply.text()
    return {
      status: reply.status,
      body: JSON.parse(text),
      signed: {
        text: replyText({
          method: sentMethod,
          path: sentPath,
          status: reply.status,
          timestamp: reply.headers.get(HEADER.timestamp) ?? '',
          nonce,
          body: text,
        }),
        signature: reply.headers.get(HEADER.signature) ?? '',
      },
    }
  }
  const post = (path: string, value: unknown) => speak({ path, body: JSON.stringify(value) })

  async function instruction(changes: object = {}) {
    const own = randomBytes(6).toString('hex')
    const { agreementId, account } = (await post('/v1/easy-agreements', { payerId: own })).body
    const legs = [
      { account, role: 'payer', amountFen: -9_500 },
      { account: `gl-${own}`, role: 'gl', amountFen: -1_000 },
      { account: `m-${own}`, role: 'merchant', amountFen: 10_500 },
    ]
    return { orderNo: `F-${own}`, businessDate: '2026-11-21', agreementId, legs, ...changes }
  }
  async function refusedWithNothingMoved(value: object, status: number, code: string) {
    const before = await bank.admin.accounts()
    expect(await post('/v1/clearings', value)).toMatchObject({ status, body: { code } })
    expect(await bank.admin.accounts()).toEqual(before)
  }
  const withLegs = async (change: (legs: { account: string; role: string; amountFen: number }[]) => unknown[]) => {
    const sound = await instruction()
    return { ...sound, legs: change(sound.legs) }
  }

  it('signs every reply for its request, the refusals too', async () => {
    const verify = verifier(bank.keys.bank.publicKey)
    for (const reply of [
      await post('/v1/clearings', await instruction()),
      await post('/v1/clearings', {}),
      await speak({ method: 'GET', path: '/v1/nowhere' }),
      await speak({ headers: { [HEADER.keyId]: 'somebody' } }),
    ])
      expect(verify(reply.signed.text, reply.signed.signature)).toBe(true)
  })

  it('refuses what was changed on its way', async () => {
    const value = await instruction()
    const body = JSON.stringify(value)
    const more = body.replace('10500', '10600').replace('-9500', '-9600')
    const cases: Spoken[] = [
      { path: '/v1/clearings', body, tampered: { body: more } },
      { path: '/v1/clearings', body, tampered: { path: '/v1/agreements' } },
      { method: 'GET', path: `/v1/clearings/${value.orderNo}/close`, tampered: { method: 'POST' } },
      { path: '/v1/clearings', body, privateKey: generateBankKeys().client.privateKey },
      { path: '/v1/clearings', body, headers: { [HEADER.timestamp]: String(Date.now() + 1) } },
      { path: '/v1/clearings', body, headers: { [HEADER.nonce]: 'f'.repeat(32) } },
      { path: '/v1/clearings', body, headers: { [HEADER.signature]: '' } },
    ]
    for (const spoken of cases)
      expect(await speak(spoken)).toMatchObject({ status: 401, body: { code: 'signature-invalid' } })
    expect(await bank.admin.clearings()).not.toContainEqual(expect.objectContaining({ orderNo: value.orderNo }))
  })

  it('refuses a request sent twice', async () => {
    const nonce = randomBytes(16).toString('hex')
    const timestamp = String(Date.now())
    const spoken = { method: 'GET', path: '/v1/ping', nonce, timestamp }
    expect((await speak(spoken)).status).toBe(200)
    expect(await speak(spoken)).toMatchObject({ status: 401, body: { code: 'nonce-reused' } })
  })

  it('refuses a timestamp outside the five minutes either way', async () => {
    for (const offsetMs of [-301_000, 310_000]) {
      const timestamp = String(Date.now() + offsetMs)
      expect(await speak({ timestamp })).toMatchObject({ status: 401, body: { code: 'clock-skew' } })
    }
    const timestamp = String(Date.now() - 290_000)
    expect((await speak({ method: 'GET', path: '/v1/ping', timestamp })).status).toBe(200)
  })

  it('takes the second request of our client whose clock is off, and then whatever it says', async () => {
    let off = 0
    const clock = { now: () => Date.now() + off }
    const client = signedClient({ ...bank.config, clock, random: randomBytes })
    const ping = async () => {
      const { kind, status, ...more } = await client.exchange('GET', '/v1/ping')
      return [kind, 'code' in more ? more.code : status]
    }
    try {
      for (const ms of [3_600_000, -3_600_000, 61 * 86_400_000, 0]) {
        off = ms
        expect([await ping(), await ping(), await ping()]).toEqual([
          ['failed', 'clock-skew'],
          ...[1, 2].map(() => ['verified', 200]),
        ])
      }
      // Within the five minutes there is nothing to learn.
      off = 290_000
      expect(await ping()).toEqual(['verified', 200])
    } finally {
      await client.stop()
    }
  })

  it('refuses a key it does not know', async () => {
    const reply = await speak({ headers: { [HEADER.keyId]: 'somebody' } })
    expect(reply).toMatchObject({ status: 401, body: { code: 'key-unknown' } })
  })

  it('refuses an unbalanced instruction and moves nothing', async () => {
    const value = await withLegs((legs) => legs.slice(0, 2).concat({ ...legs[2]!, amountFen: 10_499 }))
    await refusedWithNothingMoved(value, 422, 'unbalanced')
  })

  it('refuses legs that are not one payer debit, one merchant credit and at most one GL debit', async () => {
    const wrong: Parameters<typeof withLegs>[0][] = [
      () => [],
      ([, gl, merchant]) => [{ ...gl!, amountFen: -10_500 }, merchant!],
      ([payer, gl]) => [payer!, { ...gl!, amountFen: 9_500 }],
      ([payer, gl, merchant]) => [{ ...payer!, amountFen: 9_500 }, gl!, { ...merchant!, amountFen: -8_500 }],
      ([payer, gl, merchant]) => [payer!, gl!, { ...gl!, account: 'gl-other' }, { ...merchant!, amountFen: 11_500 }],
      ([payer, gl, merchant]) => [payer!, { ...gl!, account: merchant!.account }, merchant!],
      ([payer, gl, merchant]) => [payer!, { ...gl!, amountFen: 0 }, { ...merchant!, amountFen: 9_500 }],
    ]
    for (const legs of wrong) await refusedWithNothingMoved(await withLegs(legs), 422, 'legs-invalid')
  })

  it('debits a GL account as GL only, and nobody as GL but a GL account', async () => {
    const booked = await instruction()
    expect((await post('/v1/clearings', booked)).body.state).toBe('succeeded')
    const [payer, gl, merchant] = booked.legs
    const asMerchant = await withLegs(([p, g, m]) => [p!, g!, { ...m!, account: gl!.account }])
    const merchantAsGl = await withLegs(([p, g, m]) => [p!, { ...g!, account: merchant!.account }, m!])
    const payerAsGl = await withLegs(([p, g, m]) => [p!, { ...g!, account: payer!.account }, m!])
    for (const value of [asMerchant, merchantAsGl, payerAsGl]) await refusedWithNothingMoved(value, 422, 'wrong-role')
  })

  it("moves nothing when the payer's account is not the agreement's", async () => {
    const another = await instruction()
    const value = await instruction({ agreementId: another.agreementId })
    const before = await bank.admin.accounts()
    const reply = await post('/v1/clearings', value)
    expect(reply).toMatchObject({ status: 200, body: { state: 'declined', code: 'agreement-not-active' } })
    expect(await bank.admin.accounts()).toEqual(before)
  })

  it('gives the same reply for the same order, and refuses its number for another', async () => {
    const value = await instruction()
    const first = await post('/v1/clearings', value)
    expect(first.body).toMatchObject({ orderNo: value.orderNo, state: 'succeeded' })
    expect((await post('/v1/clearings', value)).body).toEqual(first.body)
    await refusedWithNothingMoved({ ...value, businessDate: '2026-11-22' }, 409, 'order-no-reused')
    expect((await speak({ method: 'GET', path: `/v1/clearings/${value.orderNo}` })).body).toEqual(first.body)
  })

  it('refuses what is no instruction', async () => {
    const sound = await instruction()
    const wrong = [
      { ...sound, orderNo: '../x' },
      { ...sound, legs: 'all' },
      { ...sound, businessDate: '2026-02-30' },
      await withLegs(([payer]) => [{ ...payer!, amountFen: 0.5 }]),
      await withLegs(([payer]) => [{ ...payer!, amountFen: 1e15 }]),
    ]
    for (const value of wrong) await refusedWithNothingMoved(value, 400, 'invalid-request')
    expect((await speak({ path: '/v1/clearings', body: '{' })).status).toBe(400)
  })

  it('reads an account back as what its balance is made of', async () => {
    const value = await instruction()
    await post('/v1/clearings', value)
    const { orderNo, businessDate } = value
    expect(await bank.admin.account(value.legs[0]!.account)).toMatchObject({
      kind: 'payer',
      openingFen: 10_000_000,
      balanceFen: 9_990_500,
      entries: [{ orderNo, businessDate, amountFen: -9_500 }],
    })
  })
})

describe('the memory of nonces', () => {
  const minute = 60_000
  it('lets a nonce through once while its timestamp passes, and forgets it afterwards', () => {
    const nonces = new Nonces()
    expect(nonces.isNew('a', 10 * minute, 10 * minute)).toBe(true)
    expect(nonces.isNew('a', 10 * minute, 15 * minute)).toBe(false)
    expect(nonces.isNew('b', 10 * minute, 16 * minute)).toBe(false)
    expect(nonces.isNew('a', 16 * minute, 16 * minute)).toBe(true)
  })

  it('forgets the oldest minute when it is full, and lets none of it through again', () => {
    const nonces = new Nonces(2)
    expect(nonces.isNew('a', 1 * minute, 1 * minute)).toBe(true)
    expect(nonces.isNew('b', 2 * minute, 2 * minute)).toBe(true)
    expect(nonces.isNew('c', 2 * minute, 2 * minute)).toBe(true)
    for (const [nonce, at] of [['a', 1], ['b', 2], ['c', 2]] as const) // biome-ignore format: a table
      expect(nonces.isNew(nonce, at * minute, 2 * minute)).toBe(false)
    expect(nonces.isNew('d', 2 * minute, 2 * minute)).toBe(true)
  })
})

import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import WebSocket from 'ws'
import { eventually, type MerchantSide, type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
import type { LiveMessage } from '../../../server/http/contract'

type OrderMessage = Extract<LiveMessage, { type: 'order' }>

/** A merchant's page: what it was sent so far. */
class Listener {
  readonly messages: LiveMessage[] = []
  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as LiveMessage))
  }

  static async open(address: string, protocols: string[], headers?: Record<string, string>): Promise<Listener> {
    const listener = new Listener(new WebSocket(address, protocols, { headers }))
    await new Promise((resolve, reject) => listener.socket.once('error', reject).once('open', resolve))
    await eventually(async () => listener.messages.find((message) => message.type === 'ready'))
    return listener
  }

  get orders(): OrderMessage[] {
    return this.messages.filter((message) => message.type === 'order')
  }

  /** Waits until so many orders have come, and gives them. */
  got(count: number): Promise<OrderMessage[]> {
    return eventually(async () => (this.orders.length >= count ? this.orders : undefined))
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.close()
    await closed
  }
}

describe('the merchant’s live feed', () => {
  let system: TestSystem
  let payer: Payer
  let merchant: MerchantSide
  const open: Listener[] = []
  beforeAll(async () => {
    system = await startTestSystem({ STATIC_CODE_DAILY_LIMIT_FEN: '10000000', BANK_TIMEOUT_MS: '3000' })
    payer = await system.payer('payer-1')
    merchant = await system.merchant('M0001')
  })
  afterEach(async () => {
    for (const one of open.splice(0)) one.socket.terminate()
    await system.bank.clearFaults()
  })
  afterAll(() => system.stop())

  const address = (after?: string) => {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
    return `${system.url().replace('http', 'ws')}/api/merchant/live${query}`
  }
  const listen = async (side = merchant, after?: string) => {
    const one = await Listener.open(address(after), ['fapai.v1', `bearer.${side.token}`])
    open.push(one)
    return one
  }
  const pay = async (amountFen: number, merchantCode = 'M0001') => {
    const { quoteId } = (await payer.quote(amountFen, merchantCode)).body
    return (await payer.pay(quoteId)).body
  }
  const numbers = (messages: OrderMessage[]) => messages.map((message) => message.order.orderNo)

  it('tells of a paid order with the figures that the list of orders has', async () => {
    const page = await listen()
    const paid = await pay(10_000)
    const [message] = await page.got(1)
    const listed = (await merchant.orders()).find((order) => order.orderNo === paid.orderNo)
    expect(message!.order).toEqual(listed)
    expect(message!.order).toMatchObject({ amountFen: 10_000, merchantRewardFen: paid.merchantRewardFen })
  })

  it('takes the token as a subprotocol, as browsers must, and answers with the feed’s own', async () => {
    expect((await listen()).socket.protocol).toBe('fapai.v1')
  })

  it('takes the token in the header too', async () => {
    const page = await Listener.open(address(), [], { Authorization: `Bearer ${merchant.token}` })
    open.push(page)
    const paid = await pay(1_000)
    expect(numbers(await page.got(1))).toEqual([paid.orderNo])
  })

  it('tells a merchant of its own orders only', async () => {
    const [first, second] = [await listen(), await listen(await system.merchant('M0002'))]
    const theirs = await pay(1_000, 'M0002')
    const ours = await pay(1_000)
    expect(numbers(await first.got(1))).toEqual([ours.orderNo])
    expect(numbers(await second.got(1))).toEqual([theirs.orderNo])
    // Both came in one feed: had the other's been sent here, it would have come before.
    expect([first.orders.length, second.orders.length]).toEqual([1, 1])
  })

  it('says nothing of an order that was closed', async () => {
    const page = await listen()
    await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'], times: 1 })
    expect((await pay(1_000)).state).toBe('closed')
    const paid = await pay(1_000)
    expect(numbers(await page.got(1))).toEqual([paid.orderNo])
  })

  it('tells every page of the merchant', async () => {
    const pages = await Promise.all(Array.from({ length: 5 }, () => listen()))
    const paid = await pay(1_000)
    for (const page of pages) expect(numbers(await page.got(1))).toEqual([paid.orderNo])
  })

  it('after a reconnect replays exactly what was missed, in order, then goes on', async () => {
    const steady = await listen()
    const page = await listen()
    await pay(1_000)
    const { cursor } = (await page.got(1))[0]!
    await page.close()
    const missed = [await pay(1_001), await pay(1_002), await pay(1_003)]
    const again = await listen(merchant, cursor)
    await again.got(3)
    const live = await pay(1_004)
    expect(numbers(await again.got(4))).toEqual([...missed, live].map((order) => order.orderNo))
    // The same order of events for every reader, cursors included.
    expect((await steady.got(5)).slice(1)).toEqual(again.orders)
    const last = await listen(merchant, again.orders.at(-1)!.cursor)
    const next = await pay(1_005)
    expect(numbers(await last.got(1))).toEqual([next.orderNo])
  })

  it('loses nothing when many pay while pages come and go', async () => {
    const start = await listen()
    await pay(1_000)
    let { cursor } = (await start.got(1))[0]!
    const seen: string[] = []
    const paying = Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const one = await system.payer(`busy-${i}`)
        return (await one.pay((await one.quote(1_000)).body.quoteId)).body.orderNo
      }),
    )
    while (seen.length < 12) {
      const page = await listen(merchant, cursor)
      await page.got(1)
      await page.close()
      seen.push(...numbers(page.orders))
      cursor = page.orders.at(-1)!.cursor
    }
    expect(seen.sort()).toEqual((await paying).sort())
  })

  it('after a kill -9 of the server replays all that was missed: paid before it, and settled after it', async () => {
    const page = await listen()
    await pay(1_000)
    const { cursor } = (await page.got(1))[0]!
    await page.close()
    const paid = await pay(1_001)
    await system.bank.faults({ mode: 'lose-reply', on: ['pay'], times: 1 })
    const unknown = await pay(1_002)
    expect(unknown.state).toBe('paying')
    await system.killBff()
    await system.startBff()
    const again = await listen(merchant, cursor)
    expect(numbers(await again.got(2))).toEqual([paid.orderNo, unknown.orderNo])
    expect((await payer.order(unknown.orderNo)).body.state).toBe('paid')
  })

  describe('refuses', () => {
    const refusal = (protocols: string[], headers?: Record<string, string>, at = address()) =>
      new Promise<{ status?: number; type?: string; body: unknown }>((resolve, reject) => {
        const socket = new WebSocket(at, protocols, { headers })
        socket.on('open', () => reject(new Error('it opened')))
        socket.on('error', () => {})
        socket.on('unexpected-response', (_request, reply) => {
          let text = ''
          reply.on('data', (part) => {
            text += part
          })
          const type = reply.headers['content-type']
          reply.on('end', () => resolve({ status: reply.statusCode, type, body: JSON.parse(text) }))
        })
      })

    it.each<[string, number, string, () => Promise<[string[], Record<string, string>?, string?]>]>([
      ['no token', 401, 'token-missing', async () => [['fapai.v1']]],
      ['a token of nobody', 401, 'token-invalid', async () => [['fapai.v1', 'bearer.nonsense']]],
      ['a payer’s token', 403, 'role-refused', async () => [['fapai.v1', `bearer.${payer.token}`]]],
      [
        'a payer’s token in the header',
        403,
        'role-refused',
        async () => [[], { Authorization: `Bearer ${payer.token}` }],
      ],
      [
        'a token in the address, where logs would keep it',
        401,
        'token-missing',
        async () => [['fapai.v1'], undefined, `${address()}?token=${merchant.token}`],
      ],
      [
        'another address',
        404,
        'not-found',
        async () => [['fapai.v1', `bearer.${merchant.token}`], undefined, address().replace('live', 'other')],
      ],
    ])('%s', async (_, status, code, how) => {
      const answer = await refusal(...(await how()))
      expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { code, status } })
    })
  })

  describe('survives', () => {
    const headers = () => [
      `Host: ${new URL(system.url()).host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ]
    /** Sends bytes and waits until the server has hung up. */
    const send = (bytes: Buffer, hangUp = false) =>
      new Promise<string>((resolve) => {
        const { hostname, port } = new URL(system.url())
        let text = ''
        const socket = connect(Number(port), hostname, () => {
          socket.write(bytes)
          if (hangUp) socket.resetAndDestroy()
        })
        socket.on('data', (part) => {
          text += part.toString('latin1')
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve(text))
      })
    const request = (target: string, more: string[] = []) =>
      Buffer.from(`GET ${target} HTTP/1.1\r\n${[...headers(), ...more].join('\r\n')}\r\n\r\n`)
    const token = () => `Authorization: Bearer ${merchant.token}`
    const stillUp = async () => expect((await system.call('GET', '/healthz')).status).toBe(200)

    it.each(['//', '//[', '/%', '?', '*'])('a target that is no address: %s', async (target) => {
      // Nothing is upgraded there, so it is the last of its connection only if it says so itself.
      const last = request(target).toString().replace('Connection: Upgrade', 'Connection: Upgrade, close')
      expect(await send(Buffer.from(last))).toMatch(/^HTTP\/1.1 40[04] /)
      await stillUp()
    })

    it('a client that sends an illegal frame together with its handshake', async () => {
      const tooLong = Buffer.concat([Buffer.from([0x81, 0xfe, 0xff, 0xff]), randomBytes(4)])
      const live = '/api/merchant/live'
      // Of a shop of its own: who does this has no other feed for a while.
      const theirs = `Authorization: Bearer ${(await system.merchant('M0004')).token}`
      expect(await send(Buffer.concat([request(live, [theirs]), tooLong]))).toMatch(/^HTTP\/1.1 101 /)
      await stillUp()
    })

    it('a handshake without its key, and clients that hang up at once', async () => {
      const keyless = request('/api/merchant/live', [token()])
        .toString()
        .replace(/Sec-WebSocket-Key.*\r\n/, '')
      expect(await send(Buffer.from(keyless))).toMatch(/^HTTP\/1.1 400 /)
      for (let i = 0; i < 20; i++) await send(request('/api/merchant/live', i % 2 ? [token()] : []), true)
      await stillUp()
    })

    it('a page that is out of reach when the server stops: the stop doesn’t wait for it', async () => {
      const { hostname, port } = new URL(system.url())
      const silent = connect(Number(port), hostname).on('error', () => {})
      silent.write(request('/api/merchant/live', [token()]))
      // It hears that it is connected, and never a goodbye.
      const heard = await new Promise<string>((resolve) => silent.once('data', (part) => resolve(String(part))))
      expect(heard).toMatch(/^HTTP\/1.1 101 /)
      silent.pause()
      await system.bff().stop()
      // Null, had it been killed for taking too long.
      expect(await system.bff().ended).toBe(0)
      silent.destroy()
      await system.startBff()
    })
  })
})

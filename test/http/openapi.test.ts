import { readdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import type Router from '@koa/router'
import WebSocket from 'ws'
import type { CallOptions } from '../../harness/ask'
import { faultsOf, pointed, type Schema } from '../../harness/json-schema'
import { eventually, startTestSystem, type TestSystem } from '../../harness/system'
import { createApp } from '../../server/http/app'
import type { MadePayCodeView, OwnPayCodeView } from '../../server/http/contract'
import { httpDepsOf, startFlow } from '../support/flow'

interface Reply {
  description: string
  content?: Record<string, { schema: Schema }>
}
interface Operation {
  summary: string
  security: object[]
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, Reply>
}
interface Document {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** What only an address that doesn't exist, or a store's hiccup, is answered with. */
const OF_NO_ROUTE = ['not-found', 'method-not-allowed', 'busy', 'malformed-request', 'headers-too-large']
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

let system: TestSystem
let document: Document
beforeAll(async () => {
  system = await startTestSystem()
  document = (await system.call('GET', '/openapi.json')).body as Document
})
afterAll(() => system.stop())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 in shape', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) })
    for (const { path, method, operation } of operations()) {
      expect(path).toMatch(/^\/[^:]*$/)
      expect(METHODS).toContain(method)
      expect(operation.summary).not.toBe('')
      expect(Object.keys(operation.responses)).not.toHaveLength(0)
      for (const [status, reply] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/)
        expect(typeof reply.description).toBe('string')
      }
      const named = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name)
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))
      for (const one of operation.parameters ?? []) {
        expect(['path', 'query', 'header']).toContain(one.in)
        expect(one.schema).toEqual(expect.any(Object))
      }
    }
  })

  it('has a target for every reference, and uses every schema it names', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!)
    expect(refs.length).toBeGreaterThan(20)
    for (const ref of refs) expect(pointed(document, ref)).toEqual(expect.any(Object))
    // Sent over the WebSocket, which OpenAPI has no word for.
    const used = new Set([...refs, '#/components/schemas/LiveMessage'])
    expect(Object.keys(document.components.schemas).filter((id) => !used.has(`#/components/schemas/${id}`))).toEqual([])
  })

  it('describes every address the server takes, and no other', () => {
    const app = createApp(httpDepsOf(startFlow()))
    const layers = app.middleware.flatMap((one) => (one as { router?: Router }).router?.stack ?? [])
    const addresses = layers.flatMap((layer) =>
      layer.methods
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${String(layer.path).replace(/:(\w+)/g, '{$1}')}`),
    )
    const described = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`)
    // The live feed is the server's, not the router's.
    expect(described.sort()).toEqual([...addresses, 'GET /api/merchant/live'].sort())
  })

  it('is one text, made once: whoever has it is told so in a few bytes', async () => {
    const first = await fetch(`${system.url()}/openapi.json`)
    const etag = first.headers.get('etag')!
    const bytes = Buffer.from(await first.arrayBuffer())
    expect(etag).toMatch(/^"[\w-]{43}"$/)
    expect(first.headers.get('content-length')).toBe(String(bytes.length))
    // By hand, since fetch says `no-cache` with it.
    const status = (known: string) =>
      new Promise((resolve, reject) => {
        const asked = get(`${system.url()}/openapi.json`, { headers: { 'If-None-Match': known } }, (answer) => {
          resolve([answer.statusCode, answer.headers.etag, answer.headers['content-length']])
          answer.resume()
        })
        asked.on('error', reject)
      })
    expect(await status(`W/"other", ${etag}`)).toEqual([304, etag, undefined])
    expect(await status('"other"')).toEqual([200, etag, String(bytes.length)])
  })

  it('lists every problem code that the server’s code names', () => {
    const listed = new Set(
      operations().flatMap(({ operation }) =>
        Object.values(operation.responses).flatMap((one) => one.description.split(', ')),
      ),
    )
    const http = join(__dirname, '../../server/http')
    const files = readdirSync(http, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const named = files.flatMap((file) =>
      [...readFileSync(join(http, file), 'utf8').matchAll(/new HttpProblem\(\s*'([a-z-]+)'/g)].map(
        (match) => match[1]!,
      ),
    )
    expect(named.length).toBeGreaterThan(15)
    expect(named.filter((code) => !listed.has(code) && !OF_NO_ROUTE.includes(code))).toEqual([])
  })

  it('wants a token where a token is wanted', async () => {
    for (const { path, method, operation } of operations()) {
      if (operation.security.length === 0 || path.endsWith('/live')) continue
      const answer = await system.call(method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'))
      expect([path, answer.status]).toEqual([path, 401])
    }
  })
})

/** Calls, and holds the answer against what the document says of this address and status. */
async function called(method: string, template: string, path: string, options: CallOptions = {}) {
  const answer = await system.call(method, path, options)
  const operation = document.paths[template]?.[method.toLowerCase()]
  const reply = operation?.responses[answer.status]
  if (!reply) throw new Error(`${method} ${template} doesn't describe ${answer.status}: ${JSON.stringify(answer.body)}`)
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]!
  const content = reply.content?.[type]
  if (reply.content) expect([path, type]).toEqual([path, content ? type : Object.keys(reply.content)[0]])
  if (content) expect([path, faultsOf(content.schema, answer.body, document)]).toEqual([path, []])
  if (answer.status >= 400) expect(reply.description.split(', ')).toContain((answer.body as { code: string }).code)
  // What went in fits the document too, when it was taken.
  const body = operation!.requestBody?.content['application/json']?.schema
  if (body && answer.status < 400) expect(faultsOf(body, options.body, document)).toEqual([])
  return answer
}

describe('every real answer fits the document, with no field more than it names', () => {
  let payer: string
  let merchant: string
  let quoteId: string
  beforeAll(async () => {
    const login = (code: string) => ({ body: { platform: 'browser', code } })
    const token = (answer: { body: unknown }) => (answer.body as { token: string }).token
    payer = token(await called('POST', '/api/session', '/api/session', login('payer-1')))
    const owner = login('merchant-M0001')
    merchant = token(await called('POST', '/api/merchant/session', '/api/merchant/session', owner))
  })
  const quote = (amountFen: number, channel = 'bank') =>
    called('POST', '/api/quotes', '/api/quotes', { token: payer, body: { merchantCode: 'M0001', amountFen, channel } })
  const pay = (body: object, key: string) =>
    called('POST', '/api/orders', '/api/orders', { token: payer, body, headers: { 'Idempotency-Key': key } })

  it('quotes with a discount and without', async () => {
    const answer = await quote(10_000)
    expect(answer.body).toMatchObject({ reason: null })
    quoteId = (answer.body as { quoteId: string }).quoteId
    expect((await quote(999)).body).toMatchObject({ reason: 'below-threshold' })
    expect((await quote(10_000, 'alipay')).body).toMatchObject({ reason: 'channel-not-eligible' })
  })

  it('orders that are paid, paying and closed, shown and listed', async () => {
    const paid = (await pay({ quoteId }, 'openapi-1')).body as { orderNo: string; state: string }
    expect(paid.state).toBe('paid')
    await called('GET', '/api/orders/{orderNo}', `/api/orders/${paid.orderNo}`, { token: payer })
    const next = async () => ((await quote(1_000)).body as { quoteId: string }).quoteId
    await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'] })
    expect((await pay({ quoteId: await next() }, 'openapi-2')).body).toMatchObject({ state: 'closed' })
    await system.bank.faults({ mode: 'pending', pendingQueries: 1_000_000, on: ['pay'] })
    expect((await pay({ quoteId: await next() }, 'openapi-3')).body).toMatchObject({ state: 'paying' })
    await system.bank.clearFaults()
    await called('GET', '/api/agreements', '/api/agreements', { token: payer })
    for (const sums of ['/api/day-limits', '/api/savings']) await called('GET', sums, sums, { token: payer })
  })

  it('what a merchant sees: the day, another day, its orders, and the live feed', async () => {
    const token = merchant
    await called('GET', '/api/merchant/summary', '/api/merchant/summary', { token })
    await called('GET', '/api/merchant/summary', '/api/merchant/summary?date=2020-01-01', { token })
    await called('GET', '/api/merchant/messages', '/api/merchant/messages', { token })
    const orders = await called('GET', '/api/merchant/orders', '/api/merchant/orders', { token })
    expect((orders.body as { items: unknown[] }).items).toHaveLength(1)

    const messages: unknown[] = []
    const address = `${system.url().replace('http', 'ws')}/api/merchant/live`
    const socket = new WebSocket(address, ['fapai.v1', `bearer.${token}`])
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    await eventually(async () => (messages.length > 0 ? true : undefined))
    await pay({ quoteId: ((await quote(1_000)).body as { quoteId: string }).quoteId }, 'openapi-4')
    await eventually(async () => (messages.length > 1 ? true : undefined))
    socket.terminate()
    for (const message of messages)
      expect(faultsOf(document.components.schemas.LiveMessage!, message, document)).toEqual([])
  })

  it('a code for one payment: made, read, held to its amount, paid once', async () => {
    const [address, own, read] = [
      '/api/merchant/pay-codes',
      '/api/merchant/pay-codes/{payCode}',
      '/api/merchants/{code}/pay-codes/{payCode}',
    ]
    const make = (amountFen: number) => called('POST', address, address, { token: merchant, body: { amountFen } })
    for (const wrong of [0, 1.5, 60_000]) expect((await make(wrong)).body).toMatchObject({ field: 'amountFen' })
    const { payCode, path } = (await make(1_200)).body as MadePayCodeView
    expect(path).toBe(`/q/M0001?pay=${payCode}`)
    const codeOf = async (answer: Promise<{ body: unknown }>) => ((await answer).body as { code?: string }).code
    const scan = (merchantCode: string, code = payCode) =>
      called('GET', read, `/api/merchants/${merchantCode}/pay-codes/${code}`)
    const seen = async () =>
      ((await called('GET', own, `${address}/${payCode}`, { token: merchant })).body as OwnPayCodeView).state
    const ask = (amountFen: number, code: string, merchantCode = 'M0001') => {
      const body = { merchantCode, amountFen, channel: 'bank', payCode: code }
      return called('POST', '/api/quotes', '/api/quotes', { token: payer, body })
    }
    expect((await scan('M0001')).body).toMatchObject({ amountFen: 1_200 })
    expect(await codeOf(scan('M0002'))).toBe('pay-code-invalid')
    for (const hostile of ['x', '%00', '%2F', '.'.repeat(200), 'x'.repeat(201)])
      expect((await scan('M0001', hostile)).status).toBeLessThan(500)
    expect(await codeOf(called('GET', own, `${address}/x`, { token: merchant }))).toBe('pay-code-invalid')
    expect(await codeOf(ask(1_199, payCode))).toBe('pay-code-invalid')
    expect(await codeOf(ask(1_200, payCode, 'M0002'))).toBe('pay-code-invalid')
    const { quoteId } = (await ask(1_200, payCode)).body as { quoteId: string }
    expect(await seen()).toBe('open')
    expect((await pay({ quoteId }, 'openapi-code')).body).toMatchObject({ state: 'paid', amountFen: 1_200 })
    expect(await seen()).toBe('paid')
    expect(await codeOf(ask(1_200, payCode))).toBe('pay-code-used')
    expect(await codeOf(scan('M0001'))).toBe('pay-code-used')
  })

  it('what anyone may see: merchants, rules, the QR’s address, and the state of the server', async () => {
    await called('GET', '/api/merchants/{code}', '/api/merchants/M0001')
    for (const code of ['M0001', 'M0002'])
      await called('GET', '/api/merchants/{code}/rules', `/api/merchants/${code}/rules`)
    await called('GET', '/api/bank', '/api/bank')
    await called('GET', '/q/{code}', '/q/M0001')
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) await called('GET', path, path)
  })

  it('refusals, each listed where it happens', async () => {
    const token = payer
    const key = { 'Idempotency-Key': 'openapi-5' }
    const order = (options: CallOptions) =>
      called('POST', '/api/orders', '/api/orders', { token, headers: key, ...options })
    const ask = (options: CallOptions) => called('POST', '/api/quotes', '/api/quotes', { token, ...options })
    const body = { merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' }
    const answers = [
      await ask({ body: { ...body, amountFen: 0 } }),
      await ask({ body: { ...body, amountFen: 60_000 } }),
      await ask({ body: { ...body, merchantCode: 'M9999' } }),
      await ask({ raw: { type: 'application/json', text: '{' } }),
      await ask({ raw: { type: 'text/plain', text: 'x' } }),
      await ask({ raw: { type: 'application/json', text: `"${'x'.repeat(3_000_000)}"` } }),
      await ask({ body, token: 'x' }),
      await ask({ body, token: merchant }),
      await order({ body: { quoteId }, headers: {} }),
      await order({ body: { quoteId: 'x' } }),
      await order({ body: { quoteId } }),
      await order({ body: { quoteId, agreementId: 'AG-other' } }),
      await called('POST', '/api/session', '/api/session', { body: { platform: 'fax', code: 'x' } }),
      await called('POST', '/api/merchant/session', '/api/merchant/session', {
        body: { platform: 'browser', code: 'x' },
      }),
      await called('GET', '/api/merchants/{code}', '/api/merchants/M9999'),
      await called('GET', '/api/merchants/{code}/rules', '/api/merchants/M9999/rules'),
      await called('GET', '/api/orders/{orderNo}', '/api/orders/F-nothing', { token }),
      await called('GET', '/api/merchant/summary', '/api/merchant/summary?date=tomorrow', { token: merchant }),
      await called('POST', '/api/merchant/messages', '/api/merchant/messages', {
        token: merchant,
        body: { templateId: 'x' },
      }),
      await called('GET', '/channel/{channel}/receipt', '/channel/bank/receipt'),
      await called('GET', '/q/{code}', '/q/%20'),
    ]
    expect(answers.filter((answer) => answer.status < 400 || answer.status >= 500)).toEqual([])
  })
})

describe('the check itself', () => {
  it('finds a field too many, one missing and one of another type, at whatever depth', () => {
    const order = {
      type: 'object',
      properties: { orderNo: { type: 'string' }, amountFen: { type: 'integer', minimum: 0 } },
      required: ['orderNo', 'amountFen'],
      additionalProperties: false,
    }
    const root = { components: { schemas: { List: { type: 'array', items: order } } } }
    const faults = (item: object) => faultsOf({ $ref: '#/components/schemas/List' }, [item], root)
    expect(faults({ orderNo: 'F1', amountFen: 1 })).toEqual([])
    expect(faults({ orderNo: 'F1', amountFen: 1, payerId: 'p' })).toEqual(['$[0]: payerId may not be there'])
    expect(faults({ orderNo: 'F1' })).toEqual(['$[0]: amountFen is missing'])
    expect(faults({ orderNo: 'F1', amountFen: '1' })).toEqual(['$[0].amountFen: not integer: "1"'])
    expect(faults({ orderNo: 'F1', amountFen: -1 })).toEqual(['$[0].amountFen: -1 is below 0'])
    expect(() => faultsOf({ nullable: true }, null, root)).toThrow('nullable')
  })

  it('holds every object the server answers with to the fields it names', () => {
    for (const [id, schema] of Object.entries(document.components.schemas))
      if (schema.properties && !id.endsWith('Request')) expect([id, schema.additionalProperties]).toEqual([id, false])
  })
})

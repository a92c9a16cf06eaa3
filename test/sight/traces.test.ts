import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { callsWatch } from '../../server/main/calls'
import { seenNow } from '../../server/sight/context'
import { openTraces } from '../../server/sight/otlp'
import { registry } from '../../server/sight/registry'
import { traceDone, tracedJob } from '../../server/sight/traces'
import { httpDepsOf, serveApp, startFlow } from '../support/flow'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
  status: { code?: number }
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const traceparent = (flags: string) => `00-${TRACE}-${PARENT}-${flags}`

describe('traces', () => {
  let collector: Server
  let endpoint: string
  let got: Span[]
  let hangs: boolean
  const flow = startFlow()
  const deps = httpDepsOf(flow, { isOurProxy: () => true })
  const silent = { info: () => {} } as never
  let app: Awaited<ReturnType<typeof serveApp>>
  /** What routes do on the way: a call of Redis, and of the bank. */
  const catalog: typeof deps.catalog = {
    ...deps.catalog,
    async merchant(code) {
      traceDone('redis take', 5, false)
      const call = { channel: 'bank', verb: 'pay', number: 'F1' } as const
      await callsWatch(silent)(
        call,
        async () => traceDone('sql end-order', 1, true),
        () => 'succeeded',
      )
      return flow.ledger.merchant(code)
    },
  }
  beforeAll(async () => {
    collector = createServer((request, response) => {
      let body = ''
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => {
        if (hangs) return
        const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
        got.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
      })
    })
    await new Promise<void>((done) => void collector.listen(0, '127.0.0.1', done))
    endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
    app = await serveApp({ ...deps, catalog })
  })
  afterAll(async () => {
    await app.stop()
    collector.closeAllConnections()
    await new Promise((done) => collector.close(done))
  })
  beforeEach(() => {
    got = []
    hangs = false
  })

  const ask = async (headers: Record<string, string> = {}, url = app.url) => {
    const reply = await fetch(`${url}/api/merchants/M0001?code=secret-of-a-login`, { headers })
    await reply.text()
    return reply
  }
  const sampled = async (ratio: number, random: number, run: () => Promise<unknown>) => {
    const { stop } = openTraces({ endpoint, ratio }, '1.2.3', () => random)
    await run()
    await stop()
    return got
  }

  it('of a request are a tree: what it did lies beneath it, by our words and numbers and nothing that was asked for', async () => {
    let id = ''
    const spans = await sampled(1, 0.5, async () => {
      id = (await ask({ traceparent: traceparent('00') })).headers.get('x-request-id')!
    })
    const byName = new Map(spans.map((span) => [span.name, span]))
    expect([...byName.keys()].sort()).toEqual(['GET /api/merchants/:code', 'bank pay', 'redis take', 'sql end-order'])
    const root = byName.get('GET /api/merchants/:code')!
    const pay = byName.get('bank pay')!
    expect(root).toMatchObject({ traceId: TRACE, parentSpanId: PARENT })
    expect(byName.get('redis take')!.parentSpanId).toBe(root.spanId)
    expect(pay.parentSpanId).toBe(root.spanId)
    expect(byName.get('sql end-order')).toMatchObject({ parentSpanId: pay.spanId, status: { code: 2 } })
    expect(root.attributes).toContainEqual({ key: 'fapai.request_id', value: { stringValue: id } })
    expect(pay.attributes).toContainEqual({ key: 'fapai.number', value: { stringValue: 'F1' } })
    expect(JSON.stringify(spans)).not.toMatch(/M0001|secret-of-a-login|127\.0\.0\.1/)
  })

  it('are as many as were asked for, whoever asks: a stranger makes none, and no proxy fewer', async () => {
    expect(await sampled(0.1, 0.5, () => ask())).toEqual([])
    expect((await sampled(0.1, 0.5, () => ask({ traceparent: traceparent('01') }))).length).toBe(4)
    got = []
    const stranger = await serveApp({ ...deps, catalog, isOurProxy: () => false })
    expect(await sampled(0.1, 0.5, () => ask({ traceparent: traceparent('01') }, stranger.url))).toEqual([])
    const own = await sampled(0.6, 0.5, () => ask({ traceparent: traceparent('01') }, stranger.url))
    expect(own.length).toBe(4)
    expect(own.filter(({ traceId }) => traceId === TRACE)).toEqual([])
    await stranger.stop()
  })

  it('of a job’s runs are theirs, and what it logs names the trace', async () => {
    let traceId: string | undefined
    const spans = await sampled(1, 0.5, () =>
      tracedJob('sweep bank', async () => {
        traceId = seenNow()?.traceId
        traceDone('sql claim-due', 1, false)
      }),
    )
    expect(spans.map(({ name }) => name).sort()).toEqual(['job sweep bank', 'sql claim-due'])
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  })

  it('wait for nobody: a collector that hangs or is away holds up no request, no memory, and no end', async () => {
    hangs = true
    const dropped = async () => {
      const { values } = await registry.getSingleMetric('fapai_spans_total')!.get()
      return values.find(({ labels }) => labels.what === 'dropped')!.value
    }
    // Off: nothing is made.
    expect(await tracedJob('before', async () => seenNow()?.span)).toBeUndefined()
    const { stop } = openTraces({ endpoint, ratio: 1 }, '1.2.3', () => 0)
    for (let i = 0; i < 20_000; i++) await tracedJob('flood', async () => {})
    expect((await ask()).status).toBe(200)
    const began = performance.now()
    await stop()
    expect(performance.now() - began).toBeLessThan(10_000)
    // The queue's two thousand wait, and what is beyond is dropped.
    expect(await dropped()).toBeGreaterThan(10_000)
    expect(got).toEqual([])
    const away = openTraces({ endpoint: 'http://127.0.0.1:9', ratio: 1 }, '1.2.3', () => 0)
    expect((await ask()).status).toBe(200)
    await away.stop()
    // Stopped, nothing is made any more.
    expect(await tracedJob('later', async () => seenNow()?.span)).toBeUndefined()
  })
})

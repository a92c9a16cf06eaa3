import { Counter } from 'prom-client'
import { registry } from './registry'
import { randomHex } from './request-id'
import { type Attributes, type Tracing, traceBy } from './traces'

/**
 * Spans to a collector of OpenTelemetry by OTLP/HTTP in JSON (opentelemetry-proto 1.x, collector/trace/v1). A page of ours and no package: those of
 * OpenTelemetry are eleven, and the line of them that runs on Node 20 is no longer kept (docs/decisions/0073).
 */

export interface TracesConfig {
  /** of the collector, without `/v1/traces` */
  endpoint: string
  /** of what is done, so much is sampled, 0 to 1 */
  ratio: number
}

/** A collector that is away costs so much memory, some megabytes, and no more; what is beyond is dropped. */
const QUEUE = 2_048
const BATCH = 256
const EVERY_MS = 2_000
/** One export; and at the end, all that is left. */
const EXPORT_MS = 3_000

/** Of the protocol: who was asked, who asked; and how it ended. */
const KINDS = { server: 2, client: 3 } as const
const FAILED = 2

const spans = new Counter({
  name: 'fapai_spans_total',
  help: 'Spans by what became of them: sent to the collector; failed: it is away; dropped: too many wait; only where traces are on',
  labelNames: ['what'],
  registers: [registry],
})

interface Span {
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano?: string
  attributes?: { key: string; value: { stringValue: string } | { intValue: number } }[]
  status?: { code: number }
}

/** Begins to trace; gives its end, which waits a moment for what is left. `chance`: 0 to 1, anew each time. */
export function openTraces(
  { endpoint, ratio }: TracesConfig,
  version: string,
  chance: () => number,
): { stop(): Promise<void> } {
  for (const what of ['sent', 'failed', 'dropped']) spans.inc({ what }, 0)
  const queue: Span[] = []
  let sending: Promise<void> | undefined

  async function sendSome(): Promise<void> {
    const batch = queue.splice(0, BATCH)
    const sent = await fetch(`${endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(messageOf(batch, version)),
      signal: AbortSignal.timeout(EXPORT_MS),
    }).then(
      async (reply) => {
        await reply.arrayBuffer()
        return reply.ok
      },
      () => false,
    )
    spans.inc({ what: sent ? 'sent' : 'failed' }, batch.length)
  }
  /** One at a time: a collector that is slow isn't asked by many at once. */
  const send = () => {
    if (sending || queue.length === 0) return sending
    sending = sendSome()
      .catch(() => {})
      .finally(() => {
        sending = undefined
      })
    return sending
  }
  const timer = setInterval(send, EVERY_MS).unref()
  const keep = (span: Span) => {
    if (queue.length >= QUEUE) return spans.inc({ what: 'dropped' })
    if (queue.push(span) >= BATCH) void send()
  }
  traceBy(tracingOf(ratio, chance, keep))
  return {
    async stop() {
      traceBy(undefined)
      clearInterval(timer)
      const until = performance.now() + EXPORT_MS
      while (performance.now() < until && (sending || queue.length > 0)) await send()
    },
  }
}

function tracingOf(ratio: number, chance: () => number, keep: (span: Span) => void): Tracing {
  return {
    root(name, parent) {
      // A proxy of ours that samples a trace has it whole; whoever else asks has no say in what is kept.
      if (!parent?.sampled && chance() >= ratio) return undefined
      const traceId = parent?.traceId ?? randomHex(16)
      return { span: begun(traceId, parent?.spanId, name, KINDS.server, 0), traceId }
    },
    child(parent, name, startedMsAgo) {
      const { traceId, spanId } = parent as Span
      return begun(traceId, spanId, name, KINDS.client, startedMsAgo)
    },
    end(one, attributes, failed) {
      const span = one as Span
      const route = attributes['http.route']
      keep({
        ...span,
        name: route === undefined ? span.name : `${attributes['http.request.method']} ${route}`,
        endTimeUnixNano: nanosOf(0),
        attributes: attributesOf(attributes),
        // No error's text: it may quote what somebody typed.
        ...(failed && { status: { code: FAILED } }),
      })
    },
  }
}

function begun(traceId: string, parentSpanId: string | undefined, name: string, kind: number, msAgo: number): Span {
  return { traceId, spanId: randomHex(8), parentSpanId, name, kind, startTimeUnixNano: nanosOf(msAgo) }
}

/** By this host's clock, to the microsecond or so. */
const nanosOf = (msAgo: number) => String(Math.round((performance.timeOrigin + performance.now() - msAgo) * 1e6))

function attributesOf(attributes: Attributes): NonNullable<Span['attributes']> {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
  }))
}

function messageOf(batch: readonly Span[], version: string): object {
  const resource = { attributes: attributesOf({ 'service.name': 'fapai', 'service.version': version }) }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'fapai', version }, spans: batch }] }] }
}

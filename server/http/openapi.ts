import { z } from 'zod'
import { idempotencyKey, liveMessage, problem } from './contract'
import { type ProblemCode, problemStatus } from './problem'
import type { Route } from './route'

/** OpenAPI 3.1 of every route, generated from the schemas that validate. */
export function openapi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][one.method.toLowerCase()] = operation(one)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fapai',
      version: '1',
      description: 'Scan-pay instant discounts, dealt from a deck. Amounts are integer fen.',
    },
    paths,
    components: {
      schemas: { Problem: schema(problem), LiveMessage: schema(liveMessage) },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operation(one: Route): object {
  const common: ProblemCode[] = ['invalid-input', 'ledger-unavailable', 'internal']
  if (one.body) common.push('malformed-json', 'body-too-large', 'unsupported-media-type')
  if (one.actor !== 'anyone') common.push('token-missing', 'token-invalid', 'token-expired', 'role-refused')
  if (one.idempotent) common.push('idempotency-key-missing')
  const codes = [...new Set([...common, ...(one.problems ?? [])])]
  return {
    summary: one.summary,
    security: one.actor === 'anyone' ? [] : [{ bearer: [] }],
    parameters: [
      ...parameters('path', one.params),
      ...parameters('query', one.query),
      ...(one.idempotent
        ? [{ name: 'Idempotency-Key', in: 'header', required: true, schema: schema(idempotencyKey) }]
        : []),
    ],
    ...(one.body && {
      requestBody: { required: true, content: { 'application/json': { schema: schema(one.body, 'input') } } },
    }),
    responses: {
      [one.status ?? 200]: { description: 'OK', content: { 'application/json': { schema: schema(one.reply) } } },
      ...refusals(codes),
    },
  }
}

function refusals(codes: readonly ProblemCode[]): Record<string, object> {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  const responses: Record<string, { description: string; content: object }> = {}
  for (const code of codes) {
    const status = String(problemStatus(code))
    const before = responses[status]
    responses[status] = { description: before ? `${before.description}, ${code}` : code, content }
  }
  return responses
}

function parameters(place: 'path' | 'query', type: z.ZodObject | undefined): object[] {
  return Object.entries(type?.shape ?? {}).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || !(one as z.ZodType).safeParse(undefined).success,
    schema: schema(one as z.ZodType, 'input'),
  }))
}

function schema(type: z.ZodType, io: 'input' | 'output' = 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io, target: 'draft-2020-12' })
  return rest
}

import { z } from 'zod'
import { idempotencyKey, liveMessage, problem } from './contract'
import { limitHeaders, operationsPaths, plainPaths } from './openapi-plain'
import { type ProblemCode, problemStatus } from './problem'
import type { Route } from './route'

/**
 * OpenAPI 3.1 of every address: those of the API generated from the schemas that validate, the others from {@link plainPaths}.
 * `operationsApart`: those of operations have a port of their own.
 */
export function openapi(routes: readonly Route[], operationsApart: boolean): object {
  const named: Named = {}
  const paths: Record<string, Record<string, object>> = {}
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][one.method.toLowerCase()] = operation(one, (type, io) => schema(named, type, io))
  }
  schema(named, problem)
  schema(named, liveMessage)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fapai',
      version: '1',
      description: 'Scan-pay instant discounts, dealt from a deck. Amounts are integer fen.',
    },
    paths: { ...paths, ...(!operationsApart && operationsPaths), ...plainPaths },
    components: { schemas: named, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  }
}

const IF_MATCH = 'the revision that was looked at, as its ETag gives it: "7"'

type Named = Record<string, unknown>
type Describe = (type: z.ZodType, io?: 'input' | 'output') => object

function operation(one: Route, schema: Describe): object {
  const common: ProblemCode[] = ['invalid-input', 'too-many-requests', 'ledger-unavailable', 'overloaded', 'internal']
  if (one.body) common.push('malformed-json', 'body-too-large', 'unsupported-media-type', 'request-too-slow')
  if (one.actor !== 'anyone') common.push('token-missing', 'token-invalid', 'token-expired', 'role-refused')
  if (one.actor === 'operator') common.push('branch-refused', 'password-change-due', 'second-factor-due', 'busy')
  if (one.actor === 'operator' && one.method === 'GET') common.push('too-much-to-read')
  if (one.fresh) common.push('session-stale')
  if (one.idempotent === true) common.push('idempotency-key-missing')
  if (one.idempotent === 'optional') common.push('key-reused')
  if (one.csv) common.push('body-too-large', 'unsupported-media-type', 'request-too-slow', 'busy')
  if (one.ifMatch) common.push('revision-changed', 'precondition-missing')
  const codes = [...new Set([...common, ...(one.problems ?? [])])]
  return {
    summary: one.summary,
    security: one.actor === 'anyone' ? [] : [{ bearer: [] }],
    parameters: [
      ...parameters('path', one.params, schema),
      ...parameters('query', one.query, schema),
      ...(one.idempotent
        ? [{ name: 'Idempotency-Key', in: 'header', required: one.idempotent === true, schema: schema(idempotencyKey) }]
        : []),
      ...(one.ifMatch
        ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' }, description: IF_MATCH }]
        : []),
    ],
    ...(one.csv && {
      requestBody: { required: true, content: { 'text/csv': { schema: { type: 'string' } } } },
    }),
    ...(one.body && {
      requestBody: {
        required: !one.bodyOptional,
        content: { 'application/json': { schema: schema(one.body, 'input') } },
      },
    }),
    responses: {
      [one.status ?? 200]: {
        description: 'OK',
        ...(one.status !== 204 && {
          content: one.streams
            ? { [one.streams]: { schema: { type: 'string' } } }
            : { 'application/json': { schema: schema(one.reply) } },
        }),
      },
      ...refusals(codes),
    },
  }
}

function refusals(codes: readonly ProblemCode[]): Record<string, object> {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  const responses: Record<string, { description: string; content: object; headers?: object }> = {}
  for (const code of codes) {
    const status = String(problemStatus(code))
    const before = responses[status]
    const headers = code === 'too-many-requests' ? limitHeaders : before?.headers
    responses[status] = {
      description: before ? `${before.description}, ${code}` : code,
      content,
      ...(headers && { headers }),
    }
  }
  return responses
}

function parameters(place: 'path' | 'query', type: z.ZodObject | undefined, schema: Describe): object[] {
  return Object.entries(type?.shape ?? {}).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || !(one as z.ZodType).safeParse(undefined).success,
    schema: schema(one as z.ZodType, 'input'),
  }))
}

/** The JSON Schema of a type; the parts that have an id of their own become components, and references lead there. */
function schema(named: Named, type: z.ZodType, io: 'input' | 'output' = 'output'): object {
  const { $schema: _, $defs, ...rest } = rereferenced(z.toJSONSchema(type, { io, target: 'draft-2020-12' }))
  Object.assign(named, $defs)
  const id = type.meta()?.id
  if (!id || rest.$ref) return rest
  named[id] = rest
  return { $ref: `#/components/schemas/${id}` }
}

function rereferenced(json: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'))
}

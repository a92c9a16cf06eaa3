import type { z } from 'zod'
import { HttpProblem, type ProblemCode } from './problem'

/** Who is calling, as their token says. */
export type Actor = { kind: 'payer'; payerId: string } | { kind: 'merchant'; merchantCode: string }

type Part = z.ZodType | undefined
type Parsed<T extends Part> = T extends z.ZodType ? z.output<T> : undefined

export interface RouteSpec<
  A extends Actor['kind'] | 'anyone',
  P extends Part,
  Q extends Part,
  B extends Part,
  R extends z.ZodType,
> {
  method: 'GET' | 'POST'
  /** in the router's form: `/api/orders/:orderNo` */
  path: string
  summary: string
  actor: A
  params?: P
  query?: Q
  body?: B
  /** takes an Idempotency-Key header */
  idempotent?: boolean
  status?: 200 | 201
  reply: R
  /** the refusals of its own, beside the common ones; they are part of OpenAPI */
  problems?: readonly ProblemCode[]
  handle(input: {
    actor: A extends Actor['kind'] ? Extract<Actor, { kind: A }> : undefined
    params: Parsed<P>
    query: Parsed<Q>
    body: Parsed<B>
    idempotencyKey: string
  }): Promise<z.input<R>>
}

// biome-ignore lint/suspicious/noExplicitAny: the erased form, after `route` has checked the particular one
export type Route = RouteSpec<any, any, any, any, any>

/** One description serves validation, the handler's types and OpenAPI. */
export function route<
  A extends Actor['kind'] | 'anyone',
  P extends Part = undefined,
  Q extends Part = undefined,
  B extends Part = undefined,
  R extends z.ZodType = z.ZodType,
>(spec: RouteSpec<A, P, Q, B, R>): Route {
  return spec
}

/** Parses one part of the input, or refuses it naming the first field at fault. */
export function parse(schema: z.ZodType | undefined, value: unknown, prefix = ''): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = issue.path.join('.')
  const field = prefix && path ? `${prefix}.${path}` : path || prefix || undefined
  throw new HttpProblem('invalid-input', { field, detail: issue.message })
}

import type { Readable } from 'node:stream'
import { z } from 'zod'
import { unkeepable } from '../domain/json'
import type { Operator, Permission } from '../domain/operator'
import type { Pieces, Task, UserRole } from '../flow/ports'
import type { Caller } from './caller'
import type { LimitName } from './limits'
import { HttpProblem, type ProblemCode } from './problem'

/**
 * Who is calling. An operator's token names a session, and a merchant user's a binding; who that is and may do is read anew
 * for each request.
 */
export type Actor =
  /** `platform`: by which app's log-in they are here; absent from tokens of before that was kept */
  | { kind: 'payer'; payerId: string; platform?: string }
  | { kind: 'merchant'; merchantCode: string; role: UserRole; bindingId: number | null }
  | ({ kind: 'operator'; sessionId: string } & Operator)

/** What a reply carries beside its body. */
export interface ReplyHeaders {
  /** the ETag of an edit, quoted by whoever writes it out */
  etag?: number
  status?: 200 | 201 | 202
  /** whole `Set-Cookie` lines (cookie.ts) */
  cookies?: string[]
}

type Part = z.ZodType | undefined
type Parsed<T extends Part> = T extends z.ZodType ? z.output<T> : undefined

export interface RouteSpec<
  A extends Actor['kind'] | 'anyone',
  P extends Part,
  Q extends Part,
  B extends Part,
  R extends z.ZodType,
  F = undefined,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** in the router's form: `/api/orders/:orderNo` */
  path: string
  summary: string
  actor: A
  /** of an operator's route: what it takes; null is any operator, even one who must change the password first */
  permission?: Permission | null
  /** of a merchant's route: for who has logged in within the last minutes (actor.ts) */
  fresh?: true
  params?: P
  query?: Q
  body?: B
  /** nothing for a body is `{}`: what is scripted by hand needs none */
  bodyOptional?: boolean
  /** takes an Idempotency-Key header; `optional`: only who may have to ask again sends one */
  idempotent?: boolean | 'optional'
  /** how often it may be called; unless said, as often as its actor's other routes together, or anybody's; null: the brake, always */
  limit?: LimitName | null
  /** whether the same was asked before, by its key: that is answered beyond the limit, too */
  isRepeat?(actor: A extends Actor['kind'] ? Extract<Actor, { kind: A }> : undefined, key: string): Promise<boolean>
  /** asks for If-Match: what is changed or decided is what was looked at */
  ifMatch?: boolean
  /** the longest JSON body, if it may be longer than a payer's */
  jsonBytes?: number
  /** of an operator's route: costs much of the processor or the ledger, and so waits for its turn (turns.ts) */
  dear?: true
  /** of an operator's route: takes a CSV file of up to so many bytes instead of JSON, and reads it beside the event loop */
  csv?: { bytes: number; read: Task<Pieces, F> }
  /** answers a stream of this type instead of JSON */
  streams?: 'text/csv' | 'text/markdown' | 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  status?: 200 | 201 | 202 | 204
  /** {@link nothing} goes with 204 */
  reply: R
  /** the refusals of its own, beside the common ones; they are part of OpenAPI */
  problems?: readonly ProblemCode[]
  handle(input: {
    actor: A extends Actor['kind'] ? Extract<Actor, { kind: A }> : undefined
    /** from where, whoever it is */
    caller: Caller
    params: Parsed<P>
    query: Parsed<Q>
    body: Parsed<B>
    /** empty where none was sent */
    idempotencyKey: string
    /** the revision that If-Match names, of a route that asks for it; -1 when it is none of ours, which matches nothing */
    ifMatch: number
    /** what was read from the body of a route with `csv` */
    csv: F
    /** aborted when the caller went away, so that long work can end */
    signal(): AbortSignal
    /** what the browser sent by that name */
    cookie(name: string): string | undefined
    /** sets headers of the reply */
    reply(headers: ReplyHeaders): void
  }): Promise<z.input<R> | Stream>
}

/** Of what answers by its status alone. */
export const nothing = z.undefined()

/** A file: what it is called, and its bytes as they come. */
export class Stream {
  constructor(
    readonly fileName: string,
    readonly source: Readable,
    /** how many rows it will have, for whoever watches it come */
    readonly rows: number | null = null,
  ) {}
}

// biome-ignore lint/suspicious/noExplicitAny: the erased form, after `route` has checked the particular one
export type Route = RouteSpec<any, any, any, any, any, any>

/** One description serves validation, the handler's types and OpenAPI. */
export function route<
  A extends Actor['kind'] | 'anyone',
  P extends Part = undefined,
  Q extends Part = undefined,
  B extends Part = undefined,
  R extends z.ZodType = z.ZodType,
  F = undefined,
>(spec: RouteSpec<A, P, Q, B, R, F>): Route {
  return spec
}

/** Parses one part of the input, or refuses it naming the first field at fault. */
export function parse(schema: z.ZodType | undefined, value: unknown, prefix = ''): unknown {
  if (!schema) return undefined
  const at = unkeepable(value)
  if (at) {
    const detail = 'a text holds what is no letter'
    throw new HttpProblem('invalid-input', { field: fieldAt(prefix, at), detail, reason: 'hidden-character' })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const field = fieldAt(prefix, issue.path)
  const reason = issue.code === 'custom' ? (issue.params?.reason as string | undefined) : undefined
  throw new HttpProblem('invalid-input', { field, detail: issue.message, ...(reason && { reason }) })
}

const fieldAt = (prefix: string, path: PropertyKey[]) => (prefix ? [prefix, ...path] : path).join('.') || undefined

import { Agent, request } from 'undici'

/** One request of a test's, a bench's or a script's, and what was answered. */

export interface CallOptions {
  token?: string
  body?: unknown
  /** sent as it is, instead of `body` as JSON */
  raw?: { type: string; text: string | Buffer }
  headers?: Record<string, string>
}

export interface Answer<T = unknown> {
  status: number
  headers: Headers
  body: T
}

/** We drop an idle connection long before a server of ours does (server/serve.ts), however late a busy machine runs our timers. */
const connections = new Agent({ keepAliveMaxTimeout: 10_000 })

/** A request as it is, and its answer: a third of the work of `fetch`, and tests ask by the hundred thousand. Follows no redirect. */
export async function exchange(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<{ status: number; headers: Headers; text: string }> {
  const reply = await request(url, { dispatcher: connections, method: method as 'GET', headers, body: body ?? null })
  const said = new Headers()
  for (const [name, value] of Object.entries(reply.headers))
    for (const one of [value ?? []].flat()) said.append(name, one)
  return { status: reply.statusCode, headers: said, text: await reply.body.text() }
}

/** Follows no redirect; `body` is what the JSON says, else the text. */
export async function ask<T = unknown>(
  url: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer<T>> {
  const { token, body, raw, headers } = options
  const sent = raw ?? (body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) })
  const all = {
    // what is compressed is a test's own subject
    'Accept-Encoding': 'identity',
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(sent && { 'Content-Type': sent.type }),
    ...headers,
  }
  const reply = await exchange(url + path, method, all, sent?.text)
  const json = /json/.test(reply.headers.get('content-type') ?? '')
  return { status: reply.status, headers: reply.headers, body: (json ? JSON.parse(reply.text) : reply.text) as T }
}

import { Agent, fetch } from 'undici'

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

/** Follows no redirect; `body` is what the JSON says, else the text. */
export async function ask<T = unknown>(
  url: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer<T>> {
  const { token, body, raw, headers } = options
  const sent = raw ?? (body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) })
  const reply = await fetch(url + path, {
    dispatcher: connections,
    method,
    redirect: 'manual',
    headers: {
      // what is compressed is a test's own subject
      'Accept-Encoding': 'identity',
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(sent && { 'Content-Type': sent.type }),
      ...headers,
    },
    body: sent?.text,
  })
  const text = await reply.text()
  const json = /json/.test(reply.headers.get('content-type') ?? '')
  return { status: reply.status, headers: new Headers([...reply.headers]), body: (json ? JSON.parse(text) : text) as T }
}

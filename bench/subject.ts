import { Pool } from 'undici'
import type { Child } from '../server/sandbox/children'
import type { LoopReading, Reading } from './meter'
import { load, type Sample } from './rounds'

/** A server process under measurement: an HTTP client to it, and its meter. */
export interface Subject {
  /** POSTs JSON on a kept connection. Throws when the reply isn't a 2xx: a bench of errors measures nothing. */
  post<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T>
  get<T>(path: string, headers: Record<string, string>): Promise<T>
  /** POSTs bytes as they are */
  send<T>(path: string, body: Buffer, headers: Record<string, string>): Promise<T>
  read(): Promise<Reading>
  /** how late its event loop was since this was last asked, and its memory */
  readLoop(): Promise<LoopReading>
  close(): Promise<void>
}

/** As many as the widest load has workers, so that none waits for a connection. */
const CONNECTIONS = 64

export function subjectOf(child: Child<{ url: string }>): Subject {
  const pool = new Pool(child.said.url, { connections: CONNECTIONS })
  async function send<T>(
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ) {
    const reply = await pool.request({ method, path, headers, body: body ?? null })
    const text = await reply.body.text()
    if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${text}`)
    return JSON.parse(text) as T
  }
  const ask = <T extends { kind: string }>(asked: string, kind: T['kind']) =>
    new Promise<T>((resolve) => {
      const hear = (message: T) => {
        if (message.kind !== kind) return
        child.process.off('message', hear)
        resolve(message)
      }
      child.process.on('message', hear)
      child.process.send({ kind: asked })
    })
  return {
    post: (path, body, headers) =>
      send('POST', path, { 'content-type': 'application/json', ...headers }, JSON.stringify(body)),
    get: (path, headers) => send('GET', path, headers),
    send: (path, body, headers) => send('POST', path, headers, body),
    read: () => ask<Reading>('read-meter', 'meter'),
    readLoop: () => ask<LoopReading>('read-loop', 'loop'),
    close: () => pool.close(),
  }
}

/** Loads a subject for a while and reads its meter before and after. */
export async function measure(
  subject: Subject,
  workers: number,
  limit: { forMs: number; atMost: number },
  work: (worker: number) => Promise<void>,
): Promise<Sample> {
  const before = await subject.read()
  const { count, seconds } = await load(workers, limit, work)
  const cpuUs = (await subject.read()).cpuUs - before.cpuUs
  return { perSecond: count / seconds, cpuUs: cpuUs / count, busy: cpuUs / (seconds * 1e6) }
}

import type { OperatorSession, OperatorView } from '@contract'
import { act, cleanup, render, screen } from '@testing-library/react'
import ConsolePage from '../../src/console/index'
import { sessions } from '../../src/console/session'
import { type Asked, type Given, ROUTES, type Routes, sessionOf } from './console-bff'

/** The console in jsdom: a `fetch` that a test answers, an address, a session, and a <dialog> that opens. */

export interface Desk {
  /** every request, oldest first */
  asked: Asked[]
  /** those of a route, e.g. `POST /admin/campaigns` */
  sent(route: string): Asked[]
  /** answers from now on */
  routes: Routes
}

let desk: Desk

/** A server of these routes beside the usual ones. */
export function serve(routes: Routes = {}): Desk {
  desk = {
    asked: [],
    routes: { ...ROUTES, ...routes },
    sent: (route) => desk.asked.filter(({ method, path }) => `${method} ${path}` === route),
  }
  return desk
}

async function answer(url: string, init: RequestInit = {}): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, 'http://desk.example')
  const method = init.method ?? 'GET'
  const headers = new Map(Object.entries((init.headers ?? {}) as Record<string, string>))
  const body = typeof init.body === 'string' ? parsed(init.body) : init.body
  const asked: Asked = { method, path: pathname, query: searchParams, body, headers }
  desk.asked.push(asked)
  const answered = Promise.resolve(desk.routes[`${method} ${pathname}`]?.(asked))
  const given: Given = (await Promise.race([answered, gone(init.signal)])) ?? {
    status: 404,
    data: { code: 'not-found', status: 404 },
  }
  if (given === 'offline') throw new TypeError('Failed to fetch')
  const status = given.status ?? 200
  return {
    ok: status < 300,
    status,
    headers: { get: (name: string) => given.headers?.[name] ?? null },
    json: async () => given.data,
    blob: async () => new Blob([String(given.data)]),
    body: given.pieces && { getReader: () => readerOf(given.pieces!, init.signal) },
  }
}

/** Rejects when whoever asked doesn't want it any more. */
const gone = (signal: AbortSignal | null | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))

/** The piece at which a body breaks off. */
export const BROKEN = 'broken off'

/** A body that comes piece by piece, as the test lets it. */
function readerOf(pieces: Promise<string | undefined>[], signal: AbortSignal | null | undefined) {
  let at = 0
  return {
    async read() {
      const piece = await Promise.race([pieces[at++], gone(signal)])
      if (piece === BROKEN) throw new TypeError('network error')
      return piece === undefined ? { done: true } : { done: false, value: new Uint8Array(piece.length) }
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Opens the console at an address below `#/console/`, as this operator; null: nobody is logged in. */
export async function openConsole(
  at: string,
  operator: Partial<OperatorView> | null = {},
  session: Partial<OperatorSession> = {},
): Promise<void> {
  if (operator) sessions.set(sessionOf(operator, session))
  history.replaceState(null, '', `#/console/${at}`)
  await act(async () => void render(<ConsolePage />))
  await settle()
}

/** Lets what was asked be answered: lazy pages, fetches, effects. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 0))))
}

/** Runs it and lets what follows from it happen. */
export async function then(run: () => void): Promise<void> {
  await act(async () => run())
  await settle()
}

export const press = (name: string | RegExp) => then(() => screen.getByRole('button', { name }).click())
export const at = () => location.hash.replace('#/console/', '')
/** All text of the page's main part. */
export const main = () => document.querySelector('main')?.textContent ?? ''

export function setUp(): void {
  beforeEach(() => {
    serve()
    Object.assign(globalThis, { fetch: (url: string, init?: RequestInit) => answer(url, init) })
    HTMLDialogElement.prototype.showModal = function showModal() {
      this.open = true
    }
    HTMLDialogElement.prototype.close = function close() {
      this.open = false
    }
    HTMLCanvasElement.prototype.getContext = () => null
    Element.prototype.scrollTo = () => {}
  })
  afterEach(() => {
    cleanup()
    sessions.end('left')
    sessionStorage.clear()
  })
}

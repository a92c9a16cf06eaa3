import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type Koa from 'koa'

/** What is no page: shown in a frame or opened by itself it may do nothing at all. */
const CSP_OF_OTHERS = "default-src 'none'; frame-ancestors 'none'"

const SECURITY_HEADERS = Object.entries({
  'Content-Security-Policy': CSP_OF_OTHERS,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000',
})

export const securityHeaders: Koa.Middleware = (ctx, next) => {
  for (const [name, value] of SECURITY_HEADERS) ctx.res.setHeader(name, value)
  return next()
}

/** A host as browsers name it; anything else in the header isn't repeated to them. */
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

/**
 * The policy of the pages: no script, frame, form or request but our own. The built page's own inline scripts are named by their
 * hashes, read once: a script that somebody brought into a page doesn't run. WebSockets go to our own host, which is named since `'self'`
 * doesn't cover them in Safari before 15.4. Styles may be inline: the components' runtime writes its own as it goes.
 */
export function pagePolicy(h5Dir: string, publicUrl: string | null): (host: string | undefined) => string {
  const page = join(h5Dir, 'index.html')
  const scripts = existsSync(page) ? inlineScripts(readFileSync(page, 'utf8')) : []
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
  const own = publicUrl?.replace(/^http/, 'ws')
  return (host = '') => {
    const sockets = own ?? (HOST.test(host) ? `ws://${host}` : '')
    return [
      "default-src 'self'",
      ['script-src', "'self'", ...hashes].join(' '),
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self' data:",
      `connect-src 'self' ${sockets}`.trim(),
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; ')
  }
}

/** The texts of scripts that stand in a page. */
function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc\s*=)[^>]*>([\s\S]*?)<\/script>/gi)].map((match) => match[1]!)
}

/** Built files carry a hash of their content in their names; the page itself is asked for each time. */
export function fileHeaders(policy: ReturnType<typeof pagePolicy>) {
  return (response: Pick<ServerResponse, 'setHeader' | 'req'>, path: string): void => {
    const hashed = /\.[0-9a-f]{8,}\.(js|css)$/.test(path)
    const headers: OutgoingHttpHeaders = {
      'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(path.endsWith('.html') && { 'Content-Security-Policy': policy(response.req.headers.host) }),
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value!)
  }
}

/** Whoever has a file as it is gets no copy of it. */
export const unchanged: Koa.Middleware = async (ctx, next) => {
  await next()
  if (ctx.fresh) ctx.status = 304
}

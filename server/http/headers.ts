import { createHash } from 'node:crypto'
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
 * The policy of a page: no script, frame, form or request but our own. The built page's own inline scripts are named by their
 * hashes: a script that somebody brought into a page doesn't run. WebSockets go to our own host, which is named since `'self'`
 * doesn't cover them in Safari before 15.4. Styles may be inline: the components' runtime writes its own as it goes.
 */
export function pagePolicy(html: string, publicUrl: string | null): (host: string | undefined) => string {
  const hashes = inlineScripts(html).map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
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

import { createHash } from 'node:crypto'
import type Router from '@koa/router'
import { openapi } from './openapi'
import type { Route } from './route'

/** The description of the API: made when somebody first asks for it, once; all who ask read the same bytes. */
export function openapiDocument(router: Router, routes: readonly Route[], operationsApart: boolean): void {
  let made: { bytes: Buffer; etag: string } | undefined
  router.get('/openapi.json', (ctx) => {
    made ??= make(openapi(routes, operationsApart))
    ctx.set({ ETag: made.etag, 'Cache-Control': 'no-cache' })
    ctx.status = 200
    if (ctx.fresh) {
      ctx.status = 304
      return
    }
    ctx.type = 'json'
    ctx.body = made.bytes
  })
}

function make(document: object): { bytes: Buffer; etag: string } {
  const bytes = Buffer.from(JSON.stringify(document))
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` }
}

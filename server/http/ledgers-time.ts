import type Koa from 'koa'
import type { HttpDeps } from './deps'

/** The time that pages go by is the ledger's, as everything else's here: node's own header says what this process's clock says. */
export function ledgersTime({ clock }: Pick<HttpDeps, 'clock'>): Koa.Middleware {
  let second = Number.NaN
  let written = ''
  return (ctx, next) => {
    const now = Math.floor(clock.now() / 1_000)
    if (now !== second) {
      second = now
      written = new Date(now * 1_000).toUTCString()
    }
    ctx.res.setHeader('Date', written)
    return next()
  }
}

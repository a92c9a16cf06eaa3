import type Router from '@koa/router'
import { takeNotice } from '../../../flow/payment/notify'
import { readRaw } from '../../body'
import type { HttpDeps } from '../../deps'
import { admitAttempt } from '../../limited'
import { HttpProblem } from '../../problem'

/** Of what isn't the channel's: verified in vain. Its own notice of an order that isn't there is a 404. */
const REFUSED = [400, 401, 403]

/** Where channels tell of their own accord (异步通知): each reads its own, and is answered in its own words. */
export function notifyRoutes(router: Router, deps: HttpDeps): void {
  router.post('/channel/:channel/notify', async (ctx) => {
    const countFailure = admitAttempt(deps, ctx, 'notices')
    const body = await readRaw(ctx.req)
    const request = { method: ctx.method, path: ctx.url, headers: ctx.headers, body }
    const answer = await takeNotice(deps, String(ctx.params.channel), request)
    if (!answer) throw new HttpProblem('not-found')
    if (REFUSED.includes(answer.status)) countFailure()
    ctx.status = answer.status
    ctx.type = answer.type
    ctx.body = answer.body
  })
}

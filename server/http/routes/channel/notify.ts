import type Router from '@koa/router'
import { takeNotice } from '../../../flow/payment/notify'
import { readRaw } from '../../body'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'

/**
 * Where channels tell of their own accord (异步通知). The channel verifies the raw bytes; 200 once the news is in the ledger, so
 * that whoever hears anything else sends it again.
 */
export function notifyRoutes(router: Router, deps: HttpDeps): void {
  router.post('/channel/:channel/notify', async (ctx) => {
    const channel = String(ctx.params.channel)
    const read = deps.notices.get(channel)
    if (!read) throw new HttpProblem('not-found')
    const body = await readRaw(ctx.req)
    const notice = read({ method: ctx.method, path: ctx.url, headers: ctx.headers, body })
    if (notice.kind === 'refused') {
      deps.onAlarm({ code: 'notice-refused', orderNo: '', error: notice.code })
      throw new HttpProblem('notice-refused', { detail: notice.code })
    }
    const { orderNo, reply } = notice
    if ((await takeNotice(deps, { channel, orderNo, reply })) !== 'handled') throw new HttpProblem('order-not-found')
    ctx.body = { received: true }
  })
}

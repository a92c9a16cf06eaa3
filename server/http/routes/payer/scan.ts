import type Router from '@koa/router'
import { merchantCode } from '../../contract'
import { HttpProblem } from '../../problem'

/**
 * The QR on the counter. WeChat opens the mini-program for this address by its link rule and never asks us; whoever does
 * arrive here — Alipay, the bank's app, a browser, a WeChat too old for the rule — gets the H5 page, which can pay too.
 */
export function scanRoutes(router: Router): void {
  router.get('/q/:code', (ctx) => {
    const code = merchantCode.safeParse(ctx.params.code)
    if (!code.success) throw new HttpProblem('merchant-not-found', { field: 'code' })
    ctx.set('Cache-Control', 'no-store')
    ctx.redirect(`/#/pages/pay/index?merchant=${encodeURIComponent(code.data)}`)
  })
}

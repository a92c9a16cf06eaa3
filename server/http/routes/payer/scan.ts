import type Router from '@koa/router'
import { merchantCode } from '../../contract'
import type { Pages } from '../../pages'
import { HttpProblem } from '../../problem'

/**
 * The QR on the counter. WeChat opens the mini-program for this address by its link rule and never asks us; whoever does
 * arrive here — Alipay, the bank's app, a browser, a WeChat too old for the rule — gets the H5 page, which can pay too. At once,
 * and not by way of another address: on a slow network that is half a second more before there is anything to be seen.
 */
export function scanRoutes(router: Router, pages: Pages): void {
  router.get('/q/:code', (ctx) => {
    const code = merchantCode.safeParse(ctx.params.code)
    if (!code.success) throw new HttpProblem('merchant-not-found', { field: 'code' })
    if (!pages.page(ctx)) throw new HttpProblem('not-found')
  })
  // short enough to be typed at a print shop
  router.get('/q/:code/poster', (ctx) => {
    const code = merchantCode.safeParse(ctx.params.code)
    if (!code.success) throw new HttpProblem('merchant-not-found', { field: 'code' })
    ctx.redirect(`/#/pages/poster/index?merchant=${code.data}`)
  })
}

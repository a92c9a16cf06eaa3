import { randomBytes } from 'node:crypto'
import type Router from '@koa/router'
import { receiptOf } from '../../../flow/payment/receipt'
import type { HttpDeps } from '../../deps'
import { admitAnybody } from '../../limited'
import { receiptPage } from '../../present/receipt'
import { HttpProblem } from '../../problem'

/**
 * The receipt that a wallet's own page after a payment frames (商家小票): the only page of ours that anybody may frame, and that one wallet
 * alone. It reads nothing, sends nothing and asks nothing; its way back is handed to the page around it.
 */
export function receiptRoutes(router: Router, deps: HttpDeps): void {
  router.get('/channel/:channel/receipt', async (ctx) => {
    admitAnybody(deps, ctx, 'open')
    const receipt = await receiptOf(deps, String(ctx.params.channel), new URLSearchParams(ctx.querystring))
    if (!receipt) throw new HttpProblem('not-found')
    const nonce = randomBytes(16).toString('base64')
    ctx.set('Cache-Control', 'no-store')
    ctx.set('Content-Security-Policy', policy(nonce, receipt.origin))
    ctx.status = receipt.told ? 200 : 404
    ctx.type = 'html'
    ctx.body = receiptPage(receipt, nonce)
  })
}

function policy(nonce: string, origin: string): string {
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origin}`,
  ].join('; ')
}

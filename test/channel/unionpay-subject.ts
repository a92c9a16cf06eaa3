import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actAtUnionPay, startTestUnionPay } from '../../harness/unionpay'
import { unionPayChannel } from '../../server/channel/unionpay'
import { channelNo } from '../../server/domain/channel'
import type { NewsUnderTest } from './news-contract'
import { catchNotices, skewed } from './subjects'

const VERBS = { pay: 'pay', query: 'query', close: 'close', refund: 'refund' } as const

/** The UnionPay channel against the sandbox's UnionPay, which doesn't know who will pay: whoever opens the page. */
export async function unionPay(): Promise<NewsUnderTest> {
  const theirs = await startTestUnionPay()
  const { admin } = theirs
  const clock = skewed()
  const dir = mkdtempSync(join(tmpdir(), 'fapai-unionpay-'))
  const caught = await catchNotices()
  const channel = unionPayChannel({ ...theirs.config, notifyUrl: caught.url, clock, dir })
  const payers = new Map<string, string>()
  return {
    channel: {
      ...channel,
      async pay(order) {
        const reply = await channel.pay(order)
        if (reply.action) payers.set(reply.action.params.url!, order.accounts.payer)
        return reply
      },
    },
    confirm: async ({ params }) => void (await actAtUnionPay(params.url!, 'confirm', payers.get(params.url!))),
    balance: (account) => admin.balance(account),
    setBalance: async (account, _, fen) => void (await admin.balance(account, fen)),
    total: admin.total,
    next(verb, mishap) {
      if (mishap === 'pending-once') return admin.ways(verb === 'pay' ? { payment: 1 } : { refund: 1 })
      // A close begins with a question: it is the first answer to be believed, or not.
      const on = verb === 'close' && mishap === 'bad-signature' ? 'query' : VERBS[verb]
      return admin.faults({ fault: { mode: mishap }, times: 1, on: [on] })
    },
    async calm() {
      await admin.faults()
      await admin.ways({ payment: 0, refund: 0 })
    },
    decline: (code) => admin.faults({ fault: { mode: 'lie', about: { origRespCode: code } }, on: ['query'] }),
    strangeCode: '99',
    saysOnce: true,
    notice: (number) => caught.about('orderId', channelNo(number)),
    unsigned(request) {
      const form = new URLSearchParams(Buffer.from(request.body).toString())
      form.delete('signature')
      return { ...request, body: Buffer.from(String(form)) }
    },
    untimed: true,
    skew: clock.skew,
    cut: admin.cut,
    async stop() {
      await channel.stop()
      await theirs.stop()
      await caught.stop()
      rmSync(dir, { recursive: true })
    },
  }
}

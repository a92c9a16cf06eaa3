import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actAtCashier, startTestAlipay } from '../../harness/alipay'
import { alipayChannel } from '../../server/channel/alipay'
import { businessDate, DAY_MS } from '../../server/domain/business-date'
import { channelNo } from '../../server/domain/channel'
import type { FaultInput } from '../../server/sandbox/alipay/faults'
import type { Mishap } from './channel-contract'
import type { NewsUnderTest } from './news-contract'
import { catchNotices, skewed } from './subjects'

const VERBS = { pay: 'create', query: 'query', close: 'close', refund: 'refund' } as const

/** The Alipay channel against the sandbox's Alipay, whose clock and ours pass days together. */
export async function alipay(): Promise<NewsUnderTest> {
  let [late, passed] = [0, 0]
  const caught = await catchNotices()
  const theirs = await startTestAlipay(() => Date.now() + late + passed)
  const clock = skewed()
  const dir = mkdtempSync(join(tmpdir(), 'fapai-alipay-'))
  const ours = { now: () => clock.now() + late + passed }
  const channel = alipayChannel({
    ...theirs.config,
    publicUrl: new URL(caught.url).origin,
    payWithinMs: 300_000,
    clock: ours,
    dir,
  })
  const { trades, faults } = theirs
  theirs.notices.way = { times: 1, delayMs: 0, retries: 0 }
  return {
    channel,
    confirm: async ({ params }) => void (await actAtCashier(params.sandboxUrl!, 'confirm')),
    balance: async (account) => trades.balance(account),
    setBalance: async (account, _, fen) => trades.setBalance(account, fen),
    total: async () => trades.total(),
    async next(verb, mishap: Mishap) {
      if (mishap === 'pending-once') Object.assign(trades.slowness, verb === 'pay' ? { payment: 1 } : { refund: 2 })
      else faults.set([{ fault: { mode: mishap }, times: 1, on: [VERBS[verb]] }] satisfies FaultInput)
    },
    async calm() {
      faults.set([])
      late = 0
      Object.assign(trades.slowness, { payment: 0, refund: 0 })
    },
    forgetsFailures: true,
    async pass({ payBy }) {
      late = payBy! - Date.now() + 60_000
    },
    notice: (number) =>
      number.startsWith('R')
        ? caught.about('out_biz_no', channelNo(number))
        : caught.about('out_trade_no', channelNo(number)),
    refundsHint: true,
    unsigned(request) {
      const form = new URLSearchParams(Buffer.from(request.body).toString())
      form.delete('sign')
      return { ...request, body: Buffer.from(String(form)) }
    },
    skew: clock.skew,
    async cut() {
      const date = businessDate(ours.now())
      passed += DAY_MS
      // Its bill is ready at ten; noon of the next day is later than any night.
      passed += Date.parse(`${businessDate(ours.now())}T12:00:00+08:00`) - ours.now()
      return date
    },
    async stop() {
      await channel.stop()
      await theirs.stop()
      await caught.stop()
      rmSync(dir, { recursive: true })
    },
  }
}

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../harness/system'
import { actInWechat, startTestWechatpay, type TestWechatpay, type WechatpayFault } from '../../harness/wechatpay'
import { wechatpayChannel } from '../../server/channel/wechatpay'
import { channelNo } from '../../server/domain/channel'
import type { NewsUnderTest } from './news-contract'
import { catchNotices, skewed } from './subjects'

const VERBS = { pay: 'prepare', query: 'query', close: 'close', refund: 'refund' } as const

export type WechatpayUnderTest = NewsUnderTest & { theirs: TestWechatpay; dir: string }

/** The channel of WeChat Pay against the sandbox's. */
export async function wechatpay(signing: 'public-key' | 'certificate' = 'public-key'): Promise<WechatpayUnderTest> {
  const theirs = await startTestWechatpay()
  const { admin } = theirs
  const clock = skewed()
  const dir = mkdtempSync(join(tmpdir(), 'fapai-wechatpay-'))
  const publicKey = signing === 'public-key' ? theirs.config.publicKey : null
  const channel = wechatpayChannel({
    ...theirs.config,
    publicKey,
    payWithinMs: 300_000,
    clock,
    random: randomBytes,
    dir,
  })
  const caught = await catchNotices()
  await admin.ways({ signing })
  await admin.notices({ url: caught.url })
  return {
    theirs,
    channel,
    dir,
    confirm: async (action) => void (await actInWechat(action, 'confirm')),
    balance: (account) => admin.balance(account),
    setBalance: async (account, _, fen) => void (await admin.balance(account, fen)),
    total: admin.total,
    next(verb, mishap) {
      if (mishap === 'pending-once') return admin.ways(verb === 'pay' ? { payment: 1 } : { refund: 1 })
      const fault: WechatpayFault = { fault: { mode: mishap }, limits: { times: 1, on: [VERBS[verb]] } }
      return admin.faults(fault)
    },
    async calm() {
      await admin.faults()
      await admin.ways({ payment: 0, refund: 1, refundFate: 'SUCCESS', couponFen: 0 })
      await admin.bill('none')
    },
    forgetsFailures: true,
    /** It is sealed: by the id under which it was sent. */
    async notice(number) {
      const id = await eventually(async () => (await admin.sent()).find((one) => one.number === channelNo(number))?.id)
      return caught.about('id', id)
    },
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

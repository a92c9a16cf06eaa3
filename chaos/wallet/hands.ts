import type { Wallet } from '../../server/domain/channel'

/** A hand on each wallet's sandbox: what all of them can be told, each in its own words. */
export interface WalletHand {
  /** from now on, instead of what it was told before */
  faults(list: readonly WalletFault[]): Promise<void>
  ways(how: WalletWays): Promise<void>
  notices(way: { times: number; delayMs: number; retries: number }): Promise<void>
  /** ends its day, where that can be done by hand; answers which */
  cut(): Promise<string>
}

export type WalletVerb = 'pay' | 'query' | 'close' | 'refund' | 'query-refund'

/** "Does it" stands for whatever the request asks for. */
export type WalletFault = { on: WalletVerb[]; times: number } & (
  | { mode: 'slow'; delayMs: number }
  /** cuts the connection with nothing done; after it is done */
  | { mode: 'lose-request' | 'lose-reply' }
  /** a gateway's 5xx, with nothing done; after it is done */
  | { mode: 'error-before' | 'error-after' }
  | { mode: 'bad-signature' | 'garbage' }
  /** the payer confirms just before it is done: the race that a close can lose */
  | { mode: 'paid-meanwhile' }
  /** refused under its signature, as by who has too much to do */
  | { mode: 'busy' }
)

export interface WalletWays {
  /** the next payments, and refunds, take so many questions to settle */
  payment: number
  refund: number
  /** the next refunds come to nothing, where the wallet knows of such */
  refundsFail: boolean
}

type Told = (route: string, value?: unknown) => Promise<unknown>

const HANDS: Record<Wallet, (tell: Told) => WalletHand> = {
  wechatpay: (tell) => ({
    async faults(list) {
      const names = { pay: 'prepare', query: 'query', close: 'close', refund: 'refund', 'query-refund': 'query-refund' }
      const busy = { mode: 'refuse', status: 429, code: 'FREQUENCY_LIMITED' }
      await tell(
        'faults',
        list.map(({ on, times, ...fault }) => ({
          fault: fault.mode === 'busy' ? busy : fault,
          limits: { times, on: on.map((verb) => names[verb]) },
        })),
      )
    },
    async ways({ payment, refund, refundsFail }) {
      await tell('ways', { payment, refund, refundFate: refundsFail ? 'CLOSED' : 'SUCCESS' })
    },
    notices: async (way) => void (await tell('notices', { url: null, ...way, retryMs: 200 })),
    cut: async () => (await tell('cut')) as string,
  }),
  alipay: (tell) => ({
    async faults(list) {
      const names = { pay: 'create', query: 'query', close: 'close', refund: 'refund', 'query-refund': 'refund-query' }
      await tell('faults', flat(list, names, { mode: 'refuse', subCode: 'ACQ.SYSTEM_ERROR' }))
    },
    ways: async ({ payment, refund }) => void (await tell('slowness', { payment, refund })),
    notices: async (way) => void (await tell('notices', way)),
    // Its days end by its clock alone.
    cut: async () => '',
  }),
  unionpay: (tell) => ({
    async faults(list) {
      const names = { pay: 'pay', query: 'query', close: 'close', refund: 'refund', 'query-refund': 'query' }
      await tell('faults', flat(list, names, { mode: 'refuse', respCode: '06' }))
    },
    async ways({ payment, refund, refundsFail }) {
      await tell('ways', { payment, refund, refundFate: refundsFail ? 'abnormal' : 'done' })
    },
    notices: async (way) => void (await tell('notices', way)),
    cut: async () => (await tell('cut')) as string,
  }),
}

function flat(list: readonly WalletFault[], names: Record<WalletVerb, string>, busy: object) {
  return list.map(({ on, times, ...fault }) => ({
    fault: fault.mode === 'busy' ? busy : fault,
    times,
    on: on.map((verb) => names[verb]),
  }))
}

/** `adminToken`: of a sandbox that asks for one. */
export function handOn(name: Wallet, url: string, adminToken?: string): WalletHand {
  const root = `${url}/sandbox/${adminToken === undefined ? '' : 'admin/'}`
  return HANDS[name](async (route, value = null) => {
    const reply = await fetch(root + route, {
      method: 'POST',
      headers: adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` },
      body: JSON.stringify(value),
    })
    if (!reply.ok) throw new Error(`${name} ${route}: ${reply.status} ${await reply.text()}`)
    return reply.json()
  })
}

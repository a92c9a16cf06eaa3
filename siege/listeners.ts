import WebSocket from 'ws'
import type { LiveMessage, MerchantSession } from '../server/http/contract'
import { pause } from './attack'
import { telephone } from './telephone'

/** Merchants whose page is open: each order that is paid at their counter is heard, once or more, or the feed has failed. */
export interface Listeners {
  merchantCodes: ReadonlySet<string>
  heard: ReadonlySet<string>
  /** how often a socket ended that nobody had closed */
  lost(): number
  stop(): void
}

const NETWORK = 3
/** As the page does it. */
const BACK_MS = 1_000

export async function listeners(url: string, merchantCodes: readonly string[]): Promise<Listeners> {
  const heard = new Set<string>()
  const open = new Set<WebSocket>()
  let stopped = false
  let lost = 0
  await Promise.all(
    merchantCodes.map(async (code, nth) => {
      const phone = telephone(url, NETWORK, nth)
      const body = { platform: 'browser', code: `merchant-${code}` }
      const { token } = await phone.ask<MerchantSession>('merchant', 'POST', '/api/merchant/session', { body })
      await phone.close()
      let after = ''
      const follow = async (): Promise<void> => {
        const query = after ? `?after=${encodeURIComponent(after)}` : ''
        const address = `${url.replace('http', 'ws')}/api/merchant/live${query}`
        const { localAddress } = phone
        const socket = new WebSocket(address, ['fapai.v1', `bearer.${token}`], { localAddress })
        open.add(socket)
        socket.on('message', (text) => {
          const said = JSON.parse(String(text)) as LiveMessage
          if (said.type !== 'order') return
          after = said.cursor
          heard.add(said.order.orderNo)
        })
        socket.on('error', () => {})
        socket.on('close', async () => {
          open.delete(socket)
          if (stopped) return
          lost++
          await pause(BACK_MS)
          if (!stopped) await follow()
        })
        await new Promise((resolve) => socket.once('open', resolve).once('close', resolve))
      }
      await follow()
    }),
  )
  return {
    merchantCodes: new Set(merchantCodes),
    heard,
    lost: () => lost,
    stop() {
      stopped = true
      for (const socket of open) socket.terminate()
    },
  }
}

import { movedClock } from '../../harness/clock-of'
import { TYPESCRIPT } from '../../harness/typescript'
import { WALLETS, type Wallet } from '../../server/domain/channel'
import { startSandboxAlipay } from '../../server/sandbox/alipay/start'
import type { Child } from '../../server/sandbox/children'
import { startSandboxWechatpay } from '../../server/sandbox/system'
import { startSandboxUnionPay } from '../../server/sandbox/unionpay/start'
import { forked, type Part } from '../part'
import { handOn, type WalletHand } from './hands'

/** The wallets' sandboxes as processes that can be killed, each with its books and at its address again when it is back. */
export interface WalletPart {
  name: Wallet
  part: Part
  hand: WalletHand
  /** what the BFFs have to be told of it */
  env: NodeJS.ProcessEnv
  /** It is the next day for it, as it is for whoever asks for the bill of this one. */
  sleep(ms: number): Promise<void>
  stop(): Promise<void>
}

interface Started {
  url: string
  adminToken?: string
  env: NodeJS.ProcessEnv
  child: Child<unknown>
}

type Start = (dataDir: string, publicUrl: string, env: NodeJS.ProcessEnv, before?: Started) => Promise<Started>

const STARTS: Record<Wallet, Start> = {
  wechatpay: (dataDir, publicUrl, env, before) =>
    startSandboxWechatpay(dataDir, env, publicUrl, before as { url: string; adminToken: string } | undefined),
  alipay: startSandboxAlipay,
  unionpay: startSandboxUnionPay,
}

/** `publicUrl`: where their notices go. */
export function startWallets(dataDir: string, publicUrl: string): Promise<WalletPart[]> {
  return Promise.all(WALLETS.map((name) => startWallet(name, dataDir, publicUrl)))
}

async function startWallet(name: Wallet, dataDir: string, publicUrl: string): Promise<WalletPart> {
  let aheadMs = 0
  let wallet: Started | undefined
  const { part, stop } = await forked(async () => {
    const env = { ...process.env, ...(aheadMs > 0 ? movedClock(aheadMs) : TYPESCRIPT) }
    wallet = await STARTS[name](dataDir, publicUrl, env, wallet)
    return wallet.child
  })
  return {
    name,
    part,
    hand: handOn(name, wallet!.url, wallet!.adminToken),
    env: wallet!.env,
    async sleep(ms) {
      aheadMs = ms
      await part.kill()
      await part.start('as-it-was')
    },
    stop,
  }
}

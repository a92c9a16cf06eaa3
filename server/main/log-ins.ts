import type { Logger } from 'pino'
import { bankKeys } from '../channel/bank/schema'
import { ticketText, verifier } from '../channel/bank/sign'
import type { Config } from '../config'
import { keysFor, type MasterKeys } from '../domain/key-ring'
import { tracer } from '../domain/trace'
import type {
  Clock,
  Identities,
  Identity,
  LoginProvider,
  PageLogin,
  Provider,
  Random,
  UsedTickets,
} from '../flow/ports'
import type { Probe } from '../http/deps'
import { alipayPage, alipayPageLogin } from '../login/alipay'
import { bankTickets } from '../login/bank-ticket'
import { platformIdentity } from '../login/identity'
import { unionPayPage, unionPayPageLogin } from '../login/unionpay'
import { wechatMiniProgram, wechatPage, wechatPageLogin } from '../login/wechat'
import { sandboxIdentity } from '../sandbox/identity'
import { watchLogIns } from './watch'
import { type AroundWechat, tokenOf } from './wechat'

/** Who says who a payer is: main's part that builds the log-ins. */

interface Around {
  ports: { identities: Identities; usedTickets: UsedTickets }
  clock: Clock
  random: Random
}

/** A secret that WeChat doesn't know is seen here, and not by the first payer. */
export function wechatProbes({ wechat }: Config, around: AroundWechat, masters: MasterKeys): Probe[] {
  return Object.entries({ wechat: wechat.weapp, 'wechat-page': wechat.page }).flatMap(([name, app]) => {
    if (!app) return []
    const { token } = tokenOf(app, around, masters)
    return [{ name, required: false, check: async () => void (await token()) }]
  })
}

/** Each platform vouches for who comes by it, where it is configured; in the sandbox the others are who they say. */
export function identityOf(config: Config, log: Logger, around: Around, masters: MasterKeys): Identity {
  const { ports, clock, random } = around
  const onFaultOf = watchLogIns(log)
  const onFault = onFaultOf('WeChat')
  const { wechat, alipay, unionPay, channels, bankAppTickets } = config
  const { weapp, page } = wechat
  const providers = new Map<string, LoginProvider>()
  if (weapp) providers.set('weapp', wechatMiniProgram({ ...weapp, onFault }))
  if (page) providers.set('wechat-h5', wechatPage({ ...page, onFault }))
  if (alipay) providers.set('alipay-h5', alipayPage({ ...alipay, clock, onFault: onFaultOf('Alipay') }))
  if (unionPay) providers.set('unionpay-h5', unionPayPage({ ...unionPay, random, onFault: onFaultOf('UnionPay') }))
  if (bankAppTickets) {
    const keys = bankKeys(channels.bank).map(verifier)
    const tickets = { audience: channels.bank.keyId, used: ports.usedTickets, clock }
    const signed = (body: string, signature: string) => keys.some((verify) => verify(ticketText(body), signature))
    providers.set('bank-h5', bankTickets({ ...tickets, verify: signed }))
  }
  return platformIdentity({
    providers,
    otherwise: config.sandbox ? sandboxIdentity(keysFor('identity', masters).current.key, sandboxApps(config)) : null,
    identities: ports.identities,
    masters,
    clock,
    random,
    traceOf: tracer(config.masterKey),
  })
}

/** In which app of each platform everybody of the sandbox has a subject, for the wallets that are open. */
function sandboxApps({ channels, unionPay }: Config): Partial<Record<Provider, string>> {
  const [wechat] = channels.wechatpay?.appIds ?? []
  return { unionpay: unionPay?.mchId ?? '', ...(wechat !== undefined && { wechat }) }
}

/** Where browsers are sent to be told who their people are, by the word that stands for each in our addresses. */
export function pageLoginsOf({
  wechat: { page, openUrl },
  alipay,
  unionPay,
  publicUrl,
}: Config): Map<string, PageLogin> {
  const logins = new Map<string, PageLogin>()
  if (page && publicUrl) logins.set('wechat', wechatPageLogin({ openUrl, appId: page.appId, publicUrl }))
  if (alipay && publicUrl) logins.set('alipay', alipayPageLogin({ ...alipay, publicUrl }))
  if (unionPay && publicUrl) logins.set('unionpay', unionPayPageLogin({ ...unionPay, publicUrl }))
  return logins
}

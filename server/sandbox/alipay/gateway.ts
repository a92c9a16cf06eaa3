import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Faults } from './faults'
import { type Around, methodOf, type Word } from './methods'
import { type AlipayPlatform, errorOf, replyText } from './platform'
import { isRefusal, PASSWORD } from './trades'

/** What goes back on the wire: a text with its status, or the connection cut. */
export type Answer = { status: number; text: string } | 'cut'

export interface Parts extends Around {
  platform: AlipayPlatform
  faults: Faults
  /** Alipay's own, PEM, and a key of nobody's */
  privateKey: string
  strangersKey: string
  stopping: AbortSignal
}

/** Answers a question about a trade: guard → method → fault → signed reply; undefined: it asks for something else. */
export async function tradeAnswer(parts: Parts, params: Record<string, string>): Promise<Answer | undefined> {
  const method = methodOf(params, parts)
  if (!method) return undefined
  const name = `${params.method!.replaceAll('.', '_')}_response`
  const say = (word: Word, key = parts.privateKey): Answer => ({
    status: 200,
    text: replyText(name, wordOf(word), key, parts.platform.certSn),
  })
  const wrong = parts.platform.faultOf(params)
  if (wrong)
    return { status: 200, text: replyText('error_response', errorOf(wrong), parts.privateKey, parts.platform.certSn) }
  if (isRefusal(method)) return say(method)
  const fault = parts.faults.strike(method.verb)
  if (fault?.mode === 'slow') await sleep(fault.delayMs, undefined, { signal: parts.stopping })
  if (fault?.mode === 'paid-meanwhile' && method.number) parts.trades.confirm(method.number, 'somebody', PASSWORD)
  const told = faulty(parts, fault, name, () => method.run(), say)
  if (fault?.mode === 'slow-reply') await sleep(fault.delayMs, undefined, { signal: parts.stopping })
  return told
}

function faulty(
  { strangersKey, privateKey, platform }: Parts,
  fault: Fault | undefined,
  name: string,
  run: () => Word,
  say: (word: Word, key?: string) => Answer,
): Answer {
  switch (fault?.mode) {
    case 'lose-request':
      return 'cut'
    case 'lose-reply':
      run()
      return 'cut'
    case 'error-before':
      return BAD_GATEWAY
    case 'error-after':
      run()
      return BAD_GATEWAY
    case 'refuse': {
      const value = { code: fault.code, msg: 'Business Failed', sub_code: fault.subCode, sub_msg: '…' }
      return { status: 200, text: replyText(name, value, privateKey, platform.certSn) }
    }
    case 'unsigned':
      return { status: 200, text: replyText('error_response', errorOf(fault.subCode), null) }
    case 'bad-signature':
      return say(run(), strangersKey)
    case 'garbage':
      run()
      return { status: 200, text: '<html>a page of a captive portal</html>' }
    case 'lie': {
      const word = run()
      if (isRefusal(word)) return say(word)
      const lied = Object.entries({ ...word, ...fault.about }).filter(([, value]) => value !== null)
      return say(Object.fromEntries(lied))
    }
    default:
      return say(run())
  }
}

const BAD_GATEWAY = { status: 502, text: '<html>502 Bad Gateway</html>' }

function wordOf(word: Word): object {
  return isRefusal(word)
    ? { code: '40004', msg: 'Business Failed', sub_code: word.refused, sub_msg: '业务处理失败' }
    : { code: '10000', msg: 'Success', ...word }
}

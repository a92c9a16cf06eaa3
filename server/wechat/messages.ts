import { formatYuan } from '../domain/money'
import type { DayMessage, MessageDesk, MessageReply } from '../flow/ports'
import type { Call, Said } from './call'
import { TokenUnavailable } from './token'
import { MESSAGE_WORDS, type MessageFields } from './words'

/**
 * 订阅消息 (`subscribeMessage.send`): the day's receipts to who agreed to one message of this template. Source: developers.weixin.qq.com,
 * "发送订阅消息".
 */

const PATH = '/cgi-bin/message/subscribe/send'

/** They refused, or it is used up. */
const REFUSED = 43101
/** A `thing` takes so many characters. */
const MAX_THING_CHARS = 20

export function wechatMessages(
  call: Call,
  { appId, templateId, fields }: { appId: string; templateId: string; fields: MessageFields },
): MessageDesk {
  return {
    appId,
    templateId,
    async send(message) {
      const words = wordsOf(message)
      const data = Object.fromEntries(MESSAGE_WORDS.map((word) => [fields[word], { value: words[word] }]))
      const body = { touser: message.openId, template_id: templateId, page: PAGE, data, ...VERSION }
      return call(PATH, body).then(meaningOf, (error: unknown) => {
        if (error instanceof TokenUnavailable) return { kind: 'not-sent', code: 'no-token' } as const
        throw error
      })
    },
  }
}

const PAGE = 'pages/merchant/index'
const VERSION = { miniprogram_state: 'formal', lang: 'zh_CN' }

function wordsOf({ merchantName, date, summary }: DayMessage): MessageFields {
  return {
    shop: merchantName.slice(0, MAX_THING_CHARS),
    date,
    count: String(summary.orderCount),
    amount: `¥${formatYuan(summary.receivedFen).replaceAll(',', '')}`,
  }
}

function meaningOf(said: Said): MessageReply {
  if (!said) return { kind: 'unknown', code: 'no-answer' }
  if (said.errcode === 0) return { kind: 'sent' }
  return { kind: said.errcode === REFUSED ? 'refused' : 'not-sent', code: String(said.errcode) }
}

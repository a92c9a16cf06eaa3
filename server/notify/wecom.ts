import { z } from 'zod'
import { jsonOf } from '../domain/json'
import type { OutsideMessage, Teller } from '../flow/ports'
import { postJson } from './post'

/**
 * 企业微信群机器人: a text to the group that the robot is in. Source: developer.work.weixin.qq.com, "群机器人配置说明". It takes 20 messages
 * a minute; a text and no Markdown, since nothing that people wrote is to become a link or a mention.
 */

/** Two are left to whoever else uses the robot. */
const PER_MINUTE = 18
/** 2,048 bytes of UTF-8 at most. */
const MOST_BYTES = 2_048

const answer = z.object({ errcode: z.int() })

/** `url`: the robot's webhook, which holds its key. */
export function wecomRobot(url: string): Teller {
  return {
    target: 'wecom',
    perMinute: PER_MINUTE,
    async tell(message) {
      const posted = await postJson(url, JSON.stringify({ msgtype: 'text', text: { content: contentOf(message) } }))
      if (posted?.status !== 200) return { kind: 'again', code: posted ? String(posted.status) : 'no-answer' }
      const said = answer.safeParse(jsonOf(posted.body))
      if (!said.success) return { kind: 'again', code: 'malformed-answer' }
      const code = `errcode-${said.data.errcode}`
      return { kind: said.data.errcode === 0 ? 'told' : 'again', code }
    },
  }
}

function contentOf({ title, text, url }: OutsideMessage): string {
  const lines = [`【发牌运营台】${title}`, text, url ?? ''].filter((line) => line !== '')
  const content = lines.join('\n')
  return Buffer.byteLength(content) <= MOST_BYTES ? content : lines[0]!
}

import { z } from 'zod'
import { type Errcode, fault, OK, type WechatPlatform } from './platform'

/** 订阅消息 as WeChat has it: a message for each time its user agreed, in the words of a template, from whoever holds the app's token. */

const text = z.string().min(1)
const send = z.object({
  touser: text,
  template_id: text,
  page: z.string().optional(),
  data: z.record(text, z.object({ value: z.string() })),
  miniprogram_state: z.enum(['formal', 'trial', 'developer']).optional(),
  lang: z.string().optional(),
})

/** What each kind of a template's words may hold, by the letters of its key ("订阅消息参数值内容限制说明"). */
const KINDS: Record<string, RegExp> = {
  thing: /^.{1,20}$/u,
  number: /^\d+(\.\d+)?$/,
  amount: /^¥?-?\d{1,10}(\.\d{1,2})?元?$/,
  date: /^\d{4}(-\d{1,2}-\d{1,2}|年\d{1,2}月\d{1,2}日)( \d{2}:\d{2})?$/,
}

export class WechatMessages {
  /** each with the keys of its words */
  readonly templates = new Map<string, readonly string[]>()
  readonly sent: { touser: string; data: Record<string, string> }[] = []
  /** errcodes for the next ones, before anything is looked at */
  readonly busy: number[] = []
  private readonly agreed = new Map<string, number>()

  constructor(private readonly platform: WechatPlatform) {}

  /** The user taps 允许 once. */
  agree(openId: string, templateId: string): void {
    const name = `${openId} ${templateId}`
    this.agreed.set(name, (this.agreed.get(name) ?? 0) + 1)
  }

  send(token: string | null, value: unknown): Errcode {
    const errcode = this.busy.shift()
    if (errcode !== undefined) return fault(errcode)
    if (!this.platform.appOf(token)) return fault(token ? 40001 : 41001)
    const read = send.safeParse(value)
    if (!read.success) return fault(47001)
    const { touser, template_id, page, data } = read.data
    if (!touser.startsWith('oW')) return fault(40003)
    const keys = this.templates.get(template_id)
    if (!keys) return fault(40037)
    if (page !== undefined && !page.startsWith('pages/')) return fault(41030)
    const fits = (key: string) => KINDS[key.replace(/\d+$/, '')]?.test(data[key]?.value ?? '') === true
    if (Object.keys(data).length !== keys.length || !keys.every(fits)) return fault(47003)
    const name = `${touser} ${template_id}`
    const left = this.agreed.get(name) ?? 0
    if (left === 0) return fault(43101)
    this.agreed.set(name, left - 1)
    this.sent.push({ touser, data: Object.fromEntries(keys.map((key) => [key, data[key]!.value])) })
    return OK
  }
}

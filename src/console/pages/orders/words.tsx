import type { AdminOrder, AdminOrderDetail, OrderView } from '@contract'
import { CHANNEL_WORDS, closeSentence, WHY } from '../../../sentences'
import { Pill, type Tone } from '../../ui'

/** What an order, its events and its postings are called. */

export const ORDER_STATE_WORDS: Record<AdminOrder['state'], string> = {
  paying: '结果未定',
  paid: '已付款',
  closed: '已关闭',
}

const LOOKS: Record<AdminOrder['state'], [Tone, string]> = {
  paying: ['wait', '…'],
  paid: ['ok', '✓'],
  closed: ['quiet', '■'],
}

export function OrderPill({ state }: { state: AdminOrder['state'] }) {
  const [tone, sign] = LOOKS[state]
  return (
    <Pill tone={tone} sign={sign}>
      {ORDER_STATE_WORDS[state]}
    </Pill>
  )
}

/** A channel that the pages don't know is shown by its code. */
export const channelWord = (channel: string) => (CHANNEL_WORDS as Record<string, string>)[channel] ?? channel

/** `渠道代码 X-99`: what the channel itself said, where we have no code for it; whoever calls the bank needs it. */
export const codeWords = (code: string) => code.replace(/^channel-code:/, '渠道代码 ')

/** Why there was no discount, or else the code of why an order closed. */
export const causeWords = (code: string) => (WHY as Record<string, string>)[code] ?? codeWords(code)

/** With the channel's code, which whoever calls the bank needs. */
export const closeWords = (code: string, channel: string) =>
  `${closeSentence(code as OrderView['closeReason'], channel as OrderView['channel'])}（${codeWords(code)}）`

/** How the bank made sure that it was the payer. */
export const verificationWord = (verification: NonNullable<AdminOrder['verification']>) =>
  ({ none: '小额免密，未验证', sms: '短信验证码', password: '密码', app: '手机银行确认', redirect: '银行页面确认' })[
    verification
  ]

const ACCOUNT_ROLES: Record<string, string> = { payer: '付款方', gl: '补贴科目', merchant: '商户' }
export const accountRole = (role: string) => ACCOUNT_ROLES[role] ?? role

/** The payer's account is none of ours to show; one that waits to be found has a name. */
export const accountWord = (account: string | null) =>
  account === null ? '（不显示）' : account === 'suspense-payer' ? '待查' : account

type Event = AdminOrderDetail['events'][number]

const KINDS: Record<string, string> = { opened: '下单', paid: '付款成功', closed: '关闭', noted: '渠道回复' }

export const VERBS: Record<string, string> = {
  pay: '付款请求的回复',
  confirm: '付款人确认的回复',
  resend: '重发验证码的回复',
  query: '查单',
  close: '关单',
  notify: '渠道通知',
  statement: '对账单',
  decision: '两位运营人员的认定',
}

const CONFLICTS: Record<string, string> = {
  'success-after-close': '已关闭后渠道又报成功，由对账处理',
  'decline-after-paid': '已付款后渠道又报失败，由对账处理',
  'other-trade-no': '渠道流水号与先前不同，由对账处理',
}

/** What happened, and how it was learned. */
function eventWords({ kind, verb, code, conflict }: Event): {
  title: string
  from?: string
  code?: string
  conflict?: string
} {
  return {
    title: kind === 'noted' && !conflict ? '渠道还没有定论' : (KINDS[kind] ?? kind),
    ...(code && { code: codeWords(code) }),
    ...(verb && { from: `来自${VERBS[verb] ?? verb}` }),
    ...(conflict && { conflict: CONFLICTS[conflict] ?? conflict }),
  }
}

export interface Step extends ReturnType<typeof eventWords> {
  /** how often it happened in a row */
  times: number
  at: string
  /** of the last time */
  until: string
}

/** The line of an order's life: an answer that came again and again is one step, not a page of them. */
export function lifeOf(events: readonly Event[]): Step[] {
  const steps: Step[] = []
  for (const event of events) {
    const words = eventWords(event)
    const last = steps.at(-1)
    const same =
      last &&
      event.kind === 'noted' &&
      last.title === words.title &&
      last.code === words.code &&
      last.conflict === words.conflict
    if (same) Object.assign(last, { times: last.times + 1, until: event.at, from: undefined })
    else steps.push({ ...words, times: 1, at: event.at, until: event.at })
  }
  return steps
}

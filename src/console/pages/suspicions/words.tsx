import type { SuspicionItem, SuspicionView } from '@contract'
import { Pill, type Tone } from '../../ui'

/** What a suspicion and its evidence are called. Facts about orders, never a verdict about people. */

type Evidence = SuspicionView['evidenceDays'][number]['evidence'][number]
export type Indicator = Evidence['indicator']
export type State = SuspicionItem['state']

export const STATE_WORDS: Record<State, string> = { open: '待核查', reviewing: '待复核', decided: '已有结论' }
export const DECISION_WORDS: Record<NonNullable<SuspicionItem['decision']>, string> = {
  dismissed: '已排除',
  held: '已停发优惠',
  'clawed-back': '已收回奖励',
}

const LOOKS: Record<State, [Tone, string]> = {
  open: ['accent', '!'],
  reviewing: ['wait', '…'],
  decided: ['quiet', '■'],
}

export function SuspicionPill({ state, decision }: Pick<SuspicionItem, 'state' | 'decision'>) {
  const [tone, sign] = LOOKS[state]
  return (
    <Pill tone={tone} sign={sign}>
      {decision ? DECISION_WORDS[decision] : STATE_WORDS[state]}
    </Pill>
  )
}

/** What it is, what is counted, and what an honest reason for it can be. */
export const INDICATOR_WORDS: Record<Indicator, { name: string; said(hits: number, of: number): string; but: string }> =
  {
    'same-payer': {
      name: '一人多次',
      said: (hits, of) => `${of} 笔里有 ${hits} 笔，付款人当天已在本店享过优惠`,
      but: '活动若允许一人多次，少量属正常',
    },
    regulars: {
      name: '总是这些人',
      said: (hits, of) => `${of} 位付款人里有 ${hits} 位，四周内有 10 天以上在本店享优惠`,
      but: '熟客多的店也会这样',
    },
    'only-here': {
      name: '只来这一家',
      said: (hits, of) => `${of} 位常用本行付款的人里有 ${hits} 位，四周内只在本店付过`,
      but: '周边参加活动的店少时也会这样',
    },
    'at-threshold': {
      name: '贴着门槛',
      said: (hits, of) => `${of} 笔里有 ${hits} 笔，金额只比门槛高不到一成`,
      but: '店里的主打商品恰好是这个价时也会这样',
    },
    'opening-burst': {
      name: '十分钟内抢完',
      said: (hits, of) => `第一笔之后的 ${of} 笔里有 ${hits} 笔，发生在十分钟以内`,
      but: '集中用餐、排队结账时也会快',
    },
    refunded: {
      name: '享优惠后退款',
      said: (hits, of) => `${of} 笔里有 ${hits} 笔，事后退了一半以上`,
      but: '当天集中退货、换单时也会这样',
    },
    'same-device': {
      name: '共用设备',
      said: (hits, of) => `${of} 笔知道设备的订单里有 ${hits} 笔，来自三人以上共用的设备`,
      but: '店里代顾客操作手机时也会这样',
    },
    'same-address': {
      name: '同一网络',
      said: (hits, of) => `${of} 笔知道网络的订单里有 ${hits} 笔，来自三人以上共用的网络`,
      but: '顾客连店里的无线网络时也会这样',
    },
  }

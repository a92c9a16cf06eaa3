import type { CampaignDetail, CampaignSummary, ChangeView, OperatorView } from '@contract'
import { dayText } from '../../dates'
import { yuanText } from '../../format'
import { may, mayChange, type Rights } from '../../permissions'

/** What can be asked of a campaign, with what follows from it. The server decides; this offers only what it would take. */
export interface Action {
  /** the last part of its address: `POST /admin/campaigns/:id/<verb>` */
  verb: 'submit' | 'pause' | 'resume' | 'end' | 'withdraw'
  words: string
  danger?: boolean
  consequence: readonly string[]
  done: string
  /** asks for a word to the reviewer; `required`: what stops people from getting their discount must be explained */
  note?: 'optional' | 'required'
}

export interface Offer {
  actions: Action[]
  edit: boolean
  /** throws the draft away */
  drop: boolean
  /** begins another on the same terms */
  copy: boolean
  amend: boolean
  /** an open change waits for this operator's review */
  review: boolean
}

type Who = Rights & Pick<OperatorView, 'username'>

/** What this operator may do with this campaign now. */
export function offerOf(operator: Who, campaign: CampaignDetail): Offer {
  const mine = mayChange(operator, campaign.branchCode)
  const none: Offer = {
    actions: [],
    edit: false,
    drop: false,
    copy: may(operator, 'draft'),
    amend: false,
    review: false,
  }
  if (!mine) return none
  const asked = askedOf(operator, campaign, none)
  return mayPause(operator, campaign) ? { ...asked, actions: [pause(campaign), ...asked.actions] } : asked
}

/** The brake is offered whatever else is open. A draft gives nothing that could be stopped, though the server would take it. */
export function mayPause(operator: Who, { state, brake, branchCode }: CampaignSummary): boolean {
  const gives = state === 'submitted' || state === 'approved' || state === 'running'
  return gives && !brake && may(operator, 'brake') && mayChange(operator, branchCode)
}

/** What takes a second person. */
function askedOf(operator: Who, campaign: CampaignDetail, none: Offer): Offer {
  const { openChange, behind, state } = campaign
  if (openChange) {
    const own = openChange.madeBy === operator.username
    const waiting = behind ?? openChange
    const takesBack = waiting.madeBy === operator.username && !waiting.inForce && may(operator, 'request')
    return {
      ...none,
      actions: takesBack ? [withdraw(waiting)] : [],
      review: !own && may(operator, 'review'),
    }
  }
  if (!may(operator, 'request')) return none
  switch (state) {
    case 'draft':
      return { ...none, edit: may(operator, 'draft'), drop: may(operator, 'draft'), actions: [submit(campaign)] }
    case 'approved':
    case 'running':
      return { ...none, amend: true, actions: [end(campaign)] }
    case 'paused':
      return { ...none, amend: true, actions: [resume(), end(campaign)] }
    case 'submitted':
    case 'ended':
      return none
  }
}

const submit = ({ startDate, endDate, budgetFen, merchantCount }: CampaignDetail): Action => ({
  verb: 'submit',
  words: '提交复核',
  consequence: [
    '提交后不能再编辑，由另一位同事复核。',
    `复核通过后，活动在 ${dayText(startDate)} 自动开始，到 ${dayText(endDate)} 结束；${merchantCount} 家商户参加，最多花 ${yuanText(budgetFen)}。`,
    '开始以后规则不能改，只能延后结束、增加商户、增加预算、放宽时段。',
  ],
  done: '已提交，等待复核',
  note: 'optional',
})

export const pause = ({ merchantCount }: CampaignSummary): Action => ({
  verb: 'pause',
  words: '暂停',
  consequence: [
    `立即生效：${merchantCount} 家商户的顾客马上抽不到优惠，会看到“活动暂停中，可以原价付款”。付款照常，已经试算出的优惠在有效期内照付。`,
    '已经付款的订单不受影响。同事随后复核：驳回则立即恢复。',
  ],
  done: '已暂停，等待同事复核',
  note: 'required',
})

const resume = (): Action => ({
  verb: 'resume',
  words: '恢复',
  consequence: ['同事复核通过后，活动立即恢复，顾客又能抽到当天剩下的牌。在那以前仍是暂停。'],
  done: '已申请恢复，等待复核',
  note: 'optional',
})

const end = ({ today, state }: CampaignDetail): Action => ({
  verb: 'end',
  words: '结束活动',
  danger: true,
  consequence: [
    '同事复核通过后，活动立即结束，不能再开始；要再做须新建活动。',
    state === 'approved'
      ? '活动还没有开始，不会再开始。'
      : `今天还没有用掉的${today ? ` ${today.slots - today.used} ` : ''}份名额作废；已经付款的订单和退款不受影响。`,
  ],
  done: '已申请结束，等待复核',
  note: 'required',
})

const WITHDRAWN: Record<ChangeView['kind'], string> = {
  launch: '活动回到草稿，可以继续编辑。',
  pause: '活动保持现在的状态。',
  resume: '活动保持暂停。',
  end: '活动照常进行。',
  amend: '修改作废，活动照原来的参数进行。',
}

const withdraw = ({ kind }: ChangeView): Action => ({
  verb: 'withdraw',
  words: '撤回申请',
  consequence: [WITHDRAWN[kind]],
  done: '已撤回',
})

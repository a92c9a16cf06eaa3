import type { ChangeKind } from '../../domain/campaign-life'
import type { RequestKind } from '../../domain/change'
import { type ChannelName, OWN_CHANNEL } from '../../domain/channel'
import { type NotificationContent, outsideText } from '../../domain/notification'
import type { Notification, OutsideMessage } from '../ports'

/** What a notification says, in the words of the console, and where in it one is taken. */

const CHANGES: Record<ChangeKind | RequestKind, string> = {
  launch: '上线',
  pause: '暂停',
  resume: '恢复',
  end: '结束',
  amend: '修改',
  'brake.release': '恢复全部优惠',
  'merchant.resume': '恢复商户优惠',
  'merchant.account': '商户结算信息',
  'farming.dismiss': '可疑交易：排除',
  'farming.hold': '可疑交易：停发优惠',
  'farming.claw-back': '可疑交易：追回奖励',
  'merchant.owner': '店主绑定码',
  'merchant.owners': '批量绑定卡',
  'merchant.disable': '停用商户',
  'merchant.enable': '恢复停用的商户',
  'branch.add': '新增网点',
  'branch.change': '网点补贴科目',
  'order.refund': '给顾客退款',
  'order.end': '了结没有结果的付款',
  'refund.end': '了结没有结果的退款',
  'difference.refund': '差错：再退一次',
  'difference.pay': '差错：由科目垫付',
  'operator.add': '新建操作员',
  'operator.change': '操作员权限',
  'operator.password': '重置操作员密码',
  'operator.second-factor-reset': '重置两步验证',
}

const CHANNELS: Record<ChannelName, string> = {
  bank: '本行账户',
  wechatpay: '微信支付',
  alipay: '支付宝',
  unionpay: '云闪付',
}

export interface NotificationWords {
  title: string
  /** what there is to know beside; may be nothing */
  text: string
  /** below `#/console/` */
  place: string
}

export function wordsOf({ content, subject }: Pick<Notification, 'content' | 'subject'>): NotificationWords {
  switch (content.kind) {
    case 'submitted':
      return { title: `待复核：${askedOf(content)}`, text: '', place: 'reviews' }
    case 'rejected':
      return {
        title: `已驳回：${askedOf(content)}`,
        text: '',
        place: content.name === null ? 'reviews?shown=all' : placeOf(subject),
      }
    case 'budget-low':
      return {
        title: `预算快用完：活动「${content.name}」`,
        text: `按近 7 天还够 ${Math.floor(content.daysLeft)} 天，活动到 ${content.endDate} 结束`,
        place: placeOf(subject),
      }
    case 'reconciliation-open': {
      const { channel, date, state, count } = content
      const query = channel === OWN_CHANNEL ? '' : `?channel=${channel}`
      const place = `reconciliation/${date}${query}`
      return state === 'missing'
        ? { title: `${CHANNELS[channel]} ${date} 还没有对账`, text: '对账单没有来，后面的日子都在等它', place }
        : { title: `${CHANNELS[channel]} ${date} 对账有差错`, text: `${count} 条没有了结`, place }
    }
    case 'breaker-open':
      return {
        title: `${CHANNELS[content.channel]}连续没有应答`,
        text: '新的付款暂时不受理，每隔几秒自动再试；顾客看到的是请稍后再付',
        place: 'home',
      }
    case 'hoarding': {
      const { name, merchantCode, held, untaken } = content
      return {
        title: `疑似囤牌：活动「${name}」`,
        text: `${merchantCode === null ? '全部商户' : `商户 ${merchantCode}`}：没有付款却被占着 ${held} 份，没有用掉的共 ${untaken} 份`,
        place: merchantCode === null ? placeOf(subject) : `merchants/${merchantCode}`,
      }
    }
    default:
      return content satisfies never
  }
}

const askedOf = ({ change, name }: { change: ChangeKind | RequestKind; name: string | null }) =>
  name === null ? CHANGES[change] : `活动「${name}」${CHANGES[change]}`

/** `campaign/food-street` → `campaigns/food-street` */
const placeOf = (subject: string) => `campaigns/${subject.slice(subject.indexOf('/') + 1)}`

/**
 * The same for who isn't in the console: who asked or rejected is nobody's business there, and what people wrote, names of campaigns
 * too, is cut down.
 */
export function outsideMessage(notification: Notification, publicUrl: string | null): OutsideMessage {
  const { notificationId: id, kind, at, subject } = notification
  const content = outsideContent(notification.content)
  const { title, text, place } = wordsOf({ content, subject })
  const note = content.kind === 'rejected' && content.note !== null ? `理由：${content.note}` : ''
  return { id, kind, at, title, text: text || note, url: publicUrl === null ? null : `${publicUrl}/#/console/${place}` }
}

function outsideContent(content: NotificationContent): NotificationContent {
  if (!('name' in content) || content.name === null) return withNote(content)
  return withNote({ ...content, name: outsideText(content.name) })
}

const withNote = (content: NotificationContent): NotificationContent =>
  'note' in content && content.note !== null ? { ...content, note: outsideText(content.note) } : content

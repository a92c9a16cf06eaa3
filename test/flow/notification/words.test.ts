import { outsideText } from '../../../server/domain/notification'
import { outsideMessage, wordsOf } from '../../../server/flow/notification/words'
import type { Notification } from '../../../server/flow/ports'

const of = (content: Notification['content'], subject = 'campaign/street'): Notification => ({
  notificationId: 7,
  at: Date.parse('2026-11-21T12:00:00+08:00'),
  kind: content.kind,
  topic: 'campaign',
  subject,
  content,
})
const rejected = (note: string, name: string | null = '美食街') =>
  of({ kind: 'rejected', changeId: 'H1', change: 'launch', name, by: 'zhang.san', note })

describe('the words of a notification', () => {
  it.each<[string, Notification['content'], string, string, string]>([
    [
      'a budget',
      { kind: 'budget-low', name: '街', daysLeft: 1.9, endDate: '2026-11-30' },
      '预算快用完：活动「街」',
      '按近 7 天还够 1 天，活动到 2026-11-30 结束',
      'campaigns/street',
    ],
    [
      'a day with differences',
      { kind: 'reconciliation-open', channel: 'bank', date: '2026-11-20', state: 'differences', count: 3 },
      '本行账户 2026-11-20 对账有差错',
      '3 条没有了结',
      'reconciliation/2026-11-20',
    ],
    [
      'a statement that didn’t come',
      { kind: 'reconciliation-open', channel: 'alipay', date: '2026-11-20', state: 'missing', count: 0 },
      '支付宝 2026-11-20 还没有对账',
      '对账单没有来，后面的日子都在等它',
      'reconciliation/2026-11-20?channel=alipay',
    ],
    [
      'a breaker',
      { kind: 'breaker-open', channel: 'wechatpay' },
      '微信支付连续没有应答',
      '新的付款暂时不受理，每隔几秒自动再试；顾客看到的是请稍后再付',
      'home',
    ],
    [
      'hoarding at a merchant',
      { kind: 'hoarding', name: '街', merchantCode: 'M0001', held: 9, untaken: 10 },
      '疑似囤牌：活动「街」',
      '商户 M0001：没有付款却被占着 9 份，没有用掉的共 10 份',
      'merchants/M0001',
    ],
    [
      'hoarding all over',
      { kind: 'hoarding', name: '街', merchantCode: null, held: 9, untaken: 10 },
      '疑似囤牌：活动「街」',
      '全部商户：没有付款却被占着 9 份，没有用掉的共 10 份',
      'campaigns/street',
    ],
  ])('say of %s what is to be known, and lead there', (_, content, title, text, place) => {
    expect(wordsOf(of(content))).toEqual({ title, text, place })
  })
})

describe('what goes outside', () => {
  it('has the reason and the link, and names no operator', () => {
    const message = outsideMessage(rejected('预算写错了'), 'https://fapai.example')
    expect(message).toEqual({
      id: 7,
      kind: 'rejected',
      at: Date.parse('2026-11-21T12:00:00+08:00'),
      title: '已驳回：活动「美食街」上线',
      text: '理由：预算写错了',
      url: 'https://fapai.example/#/console/campaigns/street',
    })
    expect(JSON.stringify(message)).not.toContain('zhang')
    expect(outsideMessage(rejected('x'), null).url).toBeNull()
  })

  it.each([
    ['a telephone', '请打 13800138000 找他', '请打 *** 找他'],
    ['one with blanks', '138 0013 8000', '***'],
    ['one in full width', '１３８００１３８０００', '***'],
    ['an account', '账户6217-0000-1234-5678错', '账户***错'],
    ['an identity card', '11010119900307123X', '***'],
    ['a link', '看 [这里](https://evil.example/a)', '看 这里 https evil.example/a'],
    ['a mention', '<@all> 快来', 'all 快来'],
    ['several lines', '一\n二\r\n三', '一 二 三'],
    ['an amount', '预算 ¥35,000 太少', '预算 ¥35,000 太少'],
  ])('keeps %s in', (_, note, shown) => {
    expect(outsideMessage(rejected(note), null).text).toBe(`理由：${shown}`)
  })

  it('cuts a name as it cuts a note, and keeps short what is long', () => {
    expect(outsideMessage(rejected('x', '大促 13800138000'), null).title).toBe('已驳回：活动「大促 ***」上线')
    expect([...outsideText('长'.repeat(300))]).toHaveLength(101)
  })
})

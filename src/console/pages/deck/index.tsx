import type { OperatorDeckView } from '@contract'
import { yuan } from '../../../money'
import { get } from '../../client'
import { dateTime, dayText } from '../../dates'
import { yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { Link } from '../../router'
import { Card, Facts, Figure, Figures, PageHead, Ready } from '../../ui'
import { useRead } from '../../use-read'
import './index.scss'

const LIVE_MS = 15_000

/** One merchant's deck of a day: which cards went to which orders, and the proof that nobody chose them. */
export default function DeckPage({ params: { id = '', merchant = '', date = '' } }: PageProps) {
  const path = `/admin/campaigns/${id}/decks/${merchant}/${date}`
  const { reading, again } = useRead(() => get<OperatorDeckView>(path), path, LIVE_MS)
  return (
    <Ready reading={reading} again={again} lines={6}>
      {(deck) => (
        <>
          <PageHead
            title={`${deck.merchantName} ${dayText(date)} 的牌组`}
            trail={[
              ['活动', 'campaigns'],
              ['活动详情', `campaigns/${id}`],
            ]}
            meta={`${merchant} · 第 ${deck.version} 版规则 · ${dateTime(deck.dealtAt)} 发牌`}
          />
          <DeckFigures deck={deck} />
          <div className="c-columns">
            <Card title="牌" aside="按发出的次序；没有用掉的当天不公开">
              <ol className="deck">
                {deck.slots.map((slot) => (
                  <Slot key={slot.slot} {...slot} />
                ))}
              </ol>
            </Card>
            <Proof deck={deck} />
          </div>
        </>
      )}
    </Ready>
  )
}

function DeckFigures({ deck: { slots, wantedSlots, usedCount, archived } }: { deck: OperatorDeckView }) {
  const used = slots.filter((slot) => slot.state === 'used')
  const held = slots.filter((slot) => slot.state === 'held').length
  const usedFen = used.reduce((sum, slot) => sum + (slot.amountFen ?? 0), 0)
  const short = wantedSlots - slots.length
  return (
    <Figures>
      <Figure
        title="已用"
        value={`${usedCount} / ${slots.length}`}
        note={short > 0 ? `应发 ${wantedSlots} 份，预算不够，少发 ${short} 份` : '按规则发足'}
      />
      {archived ? (
        <Figure title="已用的优惠" value="—" note={`当天的订单已归档，在文件 ${archived.file}`} />
      ) : (
        <Figure title="已用的优惠" value={yuanText(usedFen)} note="付款方与商户两边合计" />
      )}
      <Figure title="预占" value={held} note="银行处理中的订单" />
    </Figures>
  )
}

/** Of an archived day nobody sees here which of the cards its orders used. */
const STATES = { free: '未用', held: '预占', used: '已用', archived: '未用或已归档' } as const

function Slot({ slot, state, amountFen, orderNo }: OperatorDeckView['slots'][number]) {
  return (
    <li className={`deck__card deck__card--${state}`}>
      <span className="deck__place">{`第 ${slot + 1} 张 · ${STATES[state]}`}</span>
      <span className="deck__amount">{amountFen === null ? '？' : yuan(amountFen)}</span>
      {orderNo ? (
        <Link to={`orders/${encodeURIComponent(orderNo)}`} aria-label={`订单 …${orderNo.slice(-4)}，${orderNo}`}>
          {`订单 …${orderNo.slice(-4)}`}
        </Link>
      ) : (
        <span className="c-quiet">—</span>
      )}
    </li>
  )
}

const hex = (text: string) => <code className="c-code">{text}</code>

/** Published when dealt; with the seed, which comes after the day, anyone can deal it again. */
function Proof({ deck }: { deck: OperatorDeckView }) {
  const verify = `#/pages/verify/index?campaign=${deck.campaignId}&merchant=${deck.merchantCode}&date=${deck.businessDate}`
  return (
    <Card title="开牌承诺">
      <p className="c-quiet c-small deck__said">
        发牌时就公布这副牌的承诺值，日终公布种子。任何人都可以用它重新发一遍，核对金额没有被挑选；付款凭证上也有这个承诺值。
      </p>
      <Facts
        rows={[
          ['承诺', hex(deck.commitment)],
          ['种子', deck.seed ? hex(deck.seed) : '日终以后公布'],
          ['日终', deck.closedAt ? dateTime(deck.closedAt) : '还没有到'],
        ]}
      />
      <a className="c-button deck__verify" href={verify} target="_blank" rel="noreferrer">
        打开公开的核对页
        <span className="heard">（新窗口）</span>
      </a>
    </Card>
  )
}

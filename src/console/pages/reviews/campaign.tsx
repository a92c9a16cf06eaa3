import type { ReviewItem } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { dateTime } from '../../dates'
import { Link } from '../../router'
import { useOperator } from '../../session'
import { fieldName, fieldValue } from '../../terms'
import { Button, Card, type Column, Confirm, Pill, Table, toast } from '../../ui'
import { CHANGE_WORDS } from '../../words'
import { Compare } from './compare'
import { Outlook } from './outlook'

/** What is asked for about a campaign, field by field; one's own is not one's to review. */
export function CampaignReview({ item, onDone }: { item: ReviewItem; onDone(): void }) {
  const operator = useOperator()
  const [asked, setAsked] = useState<'approve' | 'reject' | null>(null)
  const own = item.madeBy === operator.username
  const { campaignId, campaignName, kind, note, diff, inForce } = item
  async function decide(verdict: 'approve' | 'reject', said: string | undefined) {
    await post(`/admin/campaigns/${campaignId}/${verdict}`, { note: said }, { ifMatch: item.revision })
    toast.ok(verdict === 'approve' ? `已通过：${campaignName}` : `已驳回：${campaignName}`)
    onDone()
  }
  return (
    <Card
      title={`${CHANGE_WORDS[kind]}：${campaignName}`}
      aside={`${item.madeBy} · ${dateTime(item.madeAt)}`}
      className="review"
    >
      <div className="review__head">
        <span className="c-row">
          <Link to={`campaigns/${campaignId}`}>看活动</Link>
          {inForce && <Pill tone="wait">已先行生效</Pill>}
          {own && <Pill tone="quiet">自己提交的，由同事复核</Pill>}
        </span>
        {note && <p>{`说明：${note}`}</p>}
      </div>
      <Table
        caption={`${campaignName} 的变更`}
        keyOf={(line) => line.field}
        rows={diff}
        columns={kind === 'launch' ? LAUNCH_COLUMNS : COLUMNS}
      />
      {(kind === 'launch' || kind === 'amend') && (
        <>
          <Compare item={item} />
          <Outlook item={item} />
        </>
      )}
      {item.mayReview && (
        <div className="c-dialog__keys">
          <Button kind="danger" onClick={() => setAsked('reject')}>
            驳回
          </Button>
          <Button kind="main" onClick={() => setAsked('approve')}>
            通过
          </Button>
        </div>
      )}
      {asked && (
        <Confirm
          title={`${asked === 'approve' ? '通过' : '驳回'}：${CHANGE_WORDS[kind]} ${campaignName}`}
          consequence={<p>{asked === 'approve' ? APPROVED[kind](item) : REJECTED[kind]}</p>}
          verb={asked === 'approve' ? '通过' : '驳回'}
          danger={asked === 'reject'}
          note={{ label: asked === 'approve' ? '说明' : '为什么驳回', required: asked === 'reject' }}
          act={(said) => decide(asked, said)}
          onClose={() => setAsked(null)}
        />
      )}
    </Card>
  )
}

type Line = ReviewItem['diff'][number]

const FIELD: Column<Line> = { name: 'field', head: '项目', cell: ({ field }) => fieldName(field) }
const AFTER: Column<Line> = {
  name: 'after',
  head: '之后',
  className: 'c-table__wrap review__after',
  cell: ({ field, after }) => fieldValue(field, after),
}
const COLUMNS: readonly Column<Line>[] = [
  FIELD,
  {
    name: 'before',
    head: '之前',
    className: 'c-table__wrap review__before',
    cell: ({ field, before }) => (before === null ? '—' : fieldValue(field, before)),
  },
  AFTER,
]
/** Before it is published there is nothing to compare with. */
const LAUNCH_COLUMNS: readonly Column<Line>[] = [FIELD, { ...AFTER, head: '公布的内容' }]

type Kind = ReviewItem['kind']

const afterOf = ({ diff }: ReviewItem, field: string) =>
  fieldValue(field, diff.find((line) => line.field === field)?.after)

/** What follows from either answer. */
const APPROVED: Record<Kind, (item: ReviewItem) => string> = {
  launch: (item) =>
    `活动在 ${afterOf(item, 'startDate')} 自动开始，最多花 ${afterOf(item, 'budgetFen')}。开始以后规则不能再改，只能延后结束、增加商户、增加预算、放宽时段。`,
  pause: () => '活动保持暂停，恢复时要再申请、再复核。',
  resume: () => '活动立即恢复，顾客马上又能抽到优惠。',
  end: () => '活动立即结束，不能再开始；没有用掉的名额作废。已付款的订单不受影响。',
  amend: () => '修改立即生效，并按新的内容公示。',
}
const REJECTED: Record<Kind, string> = {
  launch: '活动回到草稿，经办可以修改以后再提交。',
  pause: '活动立即恢复，顾客马上又能抽到优惠。',
  resume: '活动保持暂停。',
  end: '活动照常进行。',
  amend: '修改作废，活动照原来的参数进行。',
}

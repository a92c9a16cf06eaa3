import type { CampaignDetail } from '@contract'
import { useState } from 'react'
import { count } from '../../format'
import { fieldName, fieldValue } from '../../terms'
import { Button, Choices, Dialog, Table } from '../../ui'
import { type Draft, termsOf } from './draft'
import { type Field, type Line, listChange, mergeLines, touched } from './merge'

/** Where each field of the form is in the request. */
const PATHS: Record<Field, string> = {
  name: 'name',
  organiser: 'organiser',
  startDate: 'startDate',
  endDate: 'endDate',
  windows: 'windows',
  branchCode: 'branchCode',
  threshold: 'rule.thresholdFen',
  slots: 'rule.slots',
  maxPerPayer: 'maxPerPayerPerDay',
  maxPerPayerInAll: 'maxPerPayerPerCampaignDay',
  min: 'rule.minFen',
  max: 'rule.maxFen',
  payerPercent: 'rule.payerPercent',
  bandMin: 'rule.bandMinFen',
  bandMax: 'rule.bandMaxFen',
  bandPercent: 'rule.bandPercent',
  budget: 'budgetFen',
  dailyBudget: 'dailyBudgetFen',
  branchBudgets: 'branchBudgets',
  priority: 'priority',
  merchantCodes: 'merchantCodes',
  controlCodes: 'controlCodes',
}

/** A field of the form as it reads; what can't be read is shown as it was typed. */
function words(field: Field, draft: Draft, base: Draft): string {
  if (field === 'merchantCodes' || field === 'controlCodes') return listWords(base[field], draft[field])
  const { body, faults } = termsOf(draft)
  const path = PATHS[field]
  const value = draft[field]
  if (typeof value === 'string' && faults[path]) return value || '—'
  const { rule, ...terms } = body
  const flat: Record<string, unknown> = { ...terms }
  for (const [name, one] of Object.entries(rule)) flat[`rule.${name}`] = one
  return fieldValue(path, flat[path])
}

function listWords(base: Draft['merchantCodes'], codes: Draft['merchantCodes']): string {
  if (codes === null) return '没有看'
  if (base === codes) return `${count(codes.length)} 家`
  const { added, removed } = listChange(base, codes)
  const changes = [added.length > 0 && `加 ${added.length} 家`, removed.length > 0 && `减 ${removed.length} 家`]
  return `${count(codes.length)} 家（${changes.filter(Boolean).join('，') || '没有变'}）`
}

interface MergeProps {
  /** as both began */
  base: Draft
  theirs: Draft
  mine: Draft
  /** who the other is, e.g. 同事 or 另一个标签页 */
  other: string
  /** on the key that keeps both */
  verb: string
  onMerge(yielded: ReadonlySet<Field>): void
  onTheirs(): void
  onClose(): void
}

const WHOSE = [
  ['mine', '用我的'],
  ['theirs', '用对方的'],
] as const

/** Two changed the same form: only what one touched, theirs beside mine. What only the other touched is theirs. */
export function Merge({ base, theirs, mine, other, verb, onMerge, onTheirs, onClose }: MergeProps) {
  const [yielded, setYielded] = useState<ReadonlySet<Field>>(new Set())
  const lines = mergeLines(base, theirs, mine)
  const own = new Set(lines.map(({ field }) => field))
  const only = touched(base, theirs).filter((field) => !own.has(field))
  function choose(field: Field, whose: 'mine' | 'theirs') {
    const next = new Set(yielded)
    if (whose === 'theirs') next.add(field)
    else next.delete(field)
    setYielded(next)
  }
  const cell = (draft: Draft) => (line: Line) => words(line.field, draft, base)
  return (
    <Dialog title="别人刚刚改过" onClose={onClose} wide>
      <p className="c-dialog__text">{`您打开以后，${other}保存了修改。下面是您改过的项；两边都改过的，请选择用哪一份。`}</p>
      <Table
        caption="您改过的项"
        keyOf={({ field }) => field}
        rows={lines}
        columns={[
          { name: 'field', head: '项目', cell: ({ field }) => fieldName(PATHS[field]) },
          { name: 'base', head: '您打开时', className: 'c-table__wrap', cell: cell(base) },
          { name: 'theirs', head: '对方', className: 'c-table__wrap', cell: cell(theirs) },
          { name: 'mine', head: '您的', className: 'c-table__wrap', cell: cell(mine) },
          {
            name: 'whose',
            head: '保留',
            cell: ({ field, clash }) =>
              clash ? (
                <Choices
                  label={`${fieldName(PATHS[field])}保留哪一份`}
                  options={WHOSE}
                  chosen={yielded.has(field) ? 'theirs' : 'mine'}
                  onChoose={(whose) => choose(field, whose)}
                />
              ) : (
                '您的'
              ),
          },
        ]}
      />
      {only.length > 0 && (
        <p className="c-dialog__text c-dialog__text--under">
          {`对方还改了：${only.map((field) => `${fieldName(PATHS[field])} ${words(field, theirs, base)}`).join('；')}。照对方的保留。`}
        </p>
      )}
      <div className="c-dialog__keys">
        <Button onClick={onTheirs}>放弃我的修改</Button>
        <Button kind="main" onClick={() => onMerge(yielded)}>
          {verb}
        </Button>
      </div>
    </Dialog>
  )
}

/** The campaign is no draft any more: nothing can be merged. */
export function Submitted({
  theirs,
  onTheirs,
  onClose,
}: {
  theirs: CampaignDetail
  onTheirs(): void
  onClose(): void
}) {
  return (
    <Dialog title="活动已不是草稿" onClose={onClose}>
      <p className="c-dialog__text">
        {`同事刚刚提交了“${theirs.name}”，现在不能再编辑。您填写的内容没有保存进活动，仍为您留着；活动退回草稿以后可以接着改。`}
      </p>
      <div className="c-dialog__keys">
        <Button kind="main" onClick={onTheirs}>
          看现在的活动
        </Button>
      </div>
    </Dialog>
  )
}

import type { CampaignDetail } from '@contract'
import { fieldName, fieldValue } from '../../terms'
import { Button, Dialog, Table } from '../../ui'
import { type Draft, draftOf, termsOf } from './draft'

interface Line {
  field: string
  base: unknown
  theirs: unknown
  mine: unknown
}

/** Fields that the other changed or that this one did, as opened, as it is now, and as edited here. */
export function conflictLines(base: CampaignDetail, theirs: CampaignDetail, mine: Draft): Line[] {
  const [was, is, want] = [draftOf(base), draftOf(theirs), mine].map(flatTerms) as [Terms, Terms, Terms]
  return Object.keys({ ...was, ...want }).flatMap((field) => {
    const line = { field, base: was[field], theirs: is[field], mine: field in want ? want[field] : is[field] }
    const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
    return differ(line.base, line.theirs) || differ(line.base, line.mine) ? [line] : []
  })
}

type Terms = Record<string, unknown>

function flatTerms(draft: Draft): Terms {
  const { rule, ...terms } = termsOf(draft).body
  const ruled = Object.entries(rule).map(([field, value]) => [`rule.${field}`, value])
  return { ...terms, ...Object.fromEntries(ruled) }
}

interface ConflictProps {
  base: CampaignDetail
  theirs: CampaignDetail
  mine: Draft
  onTheirs(): void
  onMine(): void
  onClose(): void
}

/** Somebody else saved meanwhile: what they changed, what is changed here, and which of the two to keep. */
export function Conflict({ base, theirs, mine, onTheirs, onMine, onClose }: ConflictProps) {
  if (theirs.state !== 'draft')
    return (
      <Dialog title="活动已不是草稿" onClose={onClose}>
        <p className="c-dialog__text">同事刚刚提交了这个活动，现在不能再编辑。您的修改没有保存。</p>
        <div className="c-dialog__keys">
          <Button kind="main" onClick={onTheirs}>
            看现在的活动
          </Button>
        </div>
      </Dialog>
    )
  return (
    <Dialog title="别人刚刚改过" onClose={onClose} wide>
      <p className="c-dialog__text">您打开以后，另一位同事保存了修改。请看清以后选择保留哪一份。</p>
      <Table
        caption="两份修改的不同"
        keyOf={(line) => line.field}
        rows={conflictLines(base, theirs, mine)}
        columns={[
          { name: 'field', head: '项目', cell: ({ field }) => fieldName(field) },
          {
            name: 'base',
            head: '您打开时',
            className: 'c-table__wrap',
            cell: (line) => fieldValue(line.field, line.base),
          },
          {
            name: 'theirs',
            head: '现在',
            className: 'c-table__wrap',
            cell: (line) => fieldValue(line.field, line.theirs),
          },
          {
            name: 'mine',
            head: '您的修改',
            className: 'c-table__wrap',
            cell: (line) => fieldValue(line.field, line.mine),
          },
        ]}
      />
      <div className="c-dialog__keys">
        <Button onClick={onTheirs}>放弃我的修改</Button>
        <Button kind="main" onClick={onMine}>
          用我的覆盖
        </Button>
      </div>
    </Dialog>
  )
}

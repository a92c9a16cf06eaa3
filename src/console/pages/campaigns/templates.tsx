import type { TemplateList, TemplateView } from '@contract'
import { useState } from 'react'
import { call, get } from '../../client'
import { dateTime } from '../../dates'
import { yuanText } from '../../format'
import { go } from '../../router'
import { Button, type Column, Confirm, Dialog, Empty, Ready, Table, toast } from '../../ui'
import { useRead } from '../../use-read'
import { windowsWords } from '../../windows'

/** 从模板新建: the branch's templates and the whole bank's; one begins a campaign, or is thrown away. */
export function Templates({ onClose }: { onClose(): void }) {
  const { reading, again } = useRead(() => get<TemplateList>('/admin/templates'), 'templates')
  const [dropped, setDropped] = useState<TemplateView | null>(null)
  if (dropped) return <Drop template={dropped} onClose={() => setDropped(null)} onDone={again} />
  return (
    <Dialog title="从模板新建" onClose={onClose} wide>
      <Ready reading={reading} again={again} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="还没有模板：在一个活动的页面上点“存为模板”" />
          ) : (
            <Table
              caption="模板"
              keyOf={({ templateId }) => templateId}
              rows={items}
              columns={[...COLUMNS, keysOf(setDropped)]}
            />
          )
        }
      </Ready>
      <div className="c-dialog__keys">
        <Button onClick={onClose}>关闭</Button>
      </div>
    </Dialog>
  )
}

const COLUMNS: readonly Column<TemplateView>[] = [
  {
    name: 'name',
    head: '模板',
    className: 'c-table__wrap',
    cell: ({ name, madeBy, madeAt }) => (
      <>
        <span className="c-table__name">{name}</span>
        <span className="c-table__under">{`${madeBy} · ${dateTime(madeAt).split(' ')[0]}`}</span>
      </>
    ),
  },
  { name: 'branch', head: '范围', cell: ({ branchCode }) => branchCode ?? '全行' },
  {
    name: 'terms',
    head: '内容',
    className: 'c-table__wrap',
    cell: ({ terms: { rule, windows, budgetFen } }) =>
      `满 ${yuanText(rule.thresholdFen)} 减 ${yuanText(rule.minFen)}–${yuanText(rule.maxFen)}，每户 ${rule.slots} 份；${windowsWords(windows)}；预算 ${yuanText(budgetFen)}`,
  },
]

const keysOf = (onDrop: (template: TemplateView) => void): Column<TemplateView> => ({
  name: 'keys',
  head: '操作',
  cell: (template) => (
    <span className="c-row">
      <Button kind="text" onClick={() => go(`campaigns/new?from=template-${template.templateId}`)}>
        用它新建
      </Button>
      {template.mayDelete && (
        <Button kind="text" aria-label={`删除模板 ${template.name}`} onClick={() => onDrop(template)}>
          删除
        </Button>
      )}
    </span>
  ),
})

function Drop({ template, onClose, onDone }: { template: TemplateView; onClose(): void; onDone(): void }) {
  async function drop() {
    await call<undefined>(`/admin/templates/${template.templateId}`, { method: 'DELETE' })
    toast.ok(`已删除模板：${template.name}`)
    onDone()
  }
  return (
    <Confirm
      title={`删除模板：${template.name}`}
      consequence={<p>同事也不能再用它新建活动；已经用它建好的活动不受影响。</p>}
      verb="删除模板"
      danger
      act={drop}
      onClose={onClose}
    />
  )
}

import type { ChangeRequestList } from '@contract'
import { useState } from 'react'
import { get } from '../../client'
import { Card, Choices, Empty, Listed, PageHead } from '../../ui'
import { usePages } from '../../use-pages'
import { ChangeCard } from './card'
import './index.scss'

const SHOWN = [
  ['waiting', '待处理'],
  ['', '全部'],
] as const
type Shown = (typeof SHOWN)[number][0]

/** 待复核变更: what moves money or rights, from what to what; it takes another operator to let it take effect. */
export default function ChangesPage() {
  const [state, setState] = useState<Shown>('waiting')
  const pages = usePages((cursor) => get<ChangeRequestList>('/admin/changes', { state, cursor }), state)
  return (
    <>
      <PageHead title="待复核变更" meta="结算账户、网点科目、店主和操作员，须由两个人改" />
      <div className="changes__shown">
        <Choices label="显示" options={SHOWN} chosen={state} onChoose={(chosen) => setState(chosen)} />
      </div>
      <Listed pages={pages} empty={<Nothing state={state} />}>
        {(items) => (
          <div className="c-stack">
            {items.map((change) => (
              <ChangeCard key={change.changeId} change={change} onDone={pages.again} />
            ))}
          </div>
        )}
      </Listed>
    </>
  )
}

const Nothing = ({ state }: { state: Shown }) => (
  <Card title={state ? '待处理的变更' : '全部变更'}>
    <Empty title={state ? '没有等待复核或生效的变更' : '还没有人提交过变更'} />
  </Card>
)

import type { ImportView } from '@contract'
import { useState } from 'react'
import { FileFaults } from '../../file-faults'
import { count } from '../../format'
import { Button, Card, Confirm, Fault, Figure, Figures, Loading, Notice, PageHead } from '../../ui'
import { type Trial, useFileTrial } from '../../use-file-trial'
import { COUNTS_TEMPLATE, saveTable } from './template'

/** What other channels took, so that the own channel has a share: first what would happen, then all of it or nothing. */
export default function OtherCountsPage() {
  const file = useFileTrial<ImportView>('/admin/counts/import')
  const { trial, done, busy, fault } = file
  const [asked, setAsked] = useState(false)
  const fresh = trial && trial.view.faultCount === 0 ? trial.view.added + trial.view.changed : 0
  return (
    <>
      <PageHead
        title="其他渠道笔数"
        trail={[['商户', 'merchants']]}
        keys={
          <>
            <Button onClick={() => saveTable('其他渠道笔数模板.csv', COUNTS_TEMPLATE)}>下载模板</Button>
            <Button kind={trial || done ? 'plain' : 'main'} busy={busy} onClick={file.open}>
              {trial || done ? '换一个文件' : '选择 CSV 文件'}
            </Button>
            {fresh > 0 && (
              <Button kind="main" onClick={() => setAsked(true)}>
                {`导入 ${count(fresh)} 行`}
              </Button>
            )}
          </>
        }
      />
      <input {...file.field} />
      <Fault text={fault} />
      {busy && <Loading lines={4} />}
      {!busy && !trial && !done && <Guide />}
      {trial && <Tried trial={trial} />}
      {done && (
        <Notice kind="ok">{`已导入：新增 ${count(done.added)} 行，更正 ${count(done.changed)} 行，未变 ${count(done.unchanged)} 行。`}</Notice>
      )}
      {asked && trial && (
        <Confirm
          title={`导入：${trial.fileName}`}
          consequence={`新增 ${count(trial.view.added)} 行，更正 ${count(trial.view.changed)} 行；更正留有旧数，活动效果随之重算。`}
          verb="导入"
          act={async () => void (await file.take(trial))}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

function Tried({ trial: { fileName, view } }: { trial: Trial<ImportView> }) {
  if (view.faultCount > 0)
    return (
      <>
        <Notice>{`“${fileName}”有 ${count(view.faultCount)} 处错误，一行都不能导入。请改好后重新选择文件。`}</Notice>
        <FileFaults title="有错的行" view={view} />
      </>
    )
  const same = view.added + view.changed === 0
  return (
    <>
      <Notice kind="plain">
        {same ? `“${fileName}”与已有的完全相同，不用导入。` : `“${fileName}”试过了，没有错误；还没有导入。`}
      </Notice>
      <Figures>
        <Figure title="共" value={count(view.lines)} note="行，每行一家商户的一天" />
        <Figure title="将新增" value={count(view.added)} note="行" />
        <Figure title="将更正" value={count(view.changed)} note="行，与已有的不同" />
        <Figure title="不变" value={count(view.unchanged)} note="行" />
      </Figures>
    </>
  )
}

function Guide() {
  return (
    <Card title="为什么要导入">
      <ol className="c-list">
        <li>
          本行渠道占比 = 本行笔数 ÷ 全部笔数。商户的微信、支付宝如果不经过本系统，全部笔数就要从收单机构的日报里来。
        </li>
        <li>
          每行一家商户的一天：商户号、日期（2026-11-20）、除本行渠道外的已付笔数；一笔都没有也要写 0，不写就是不知道。
        </li>
        <li>活动前就要有：至少与活动一样长，参与商户和对照商户都要。</li>
        <li>有一行错误，就一行都不导入。数字更正过的再导一次，新数生效，旧数留底。</li>
      </ol>
    </Card>
  )
}

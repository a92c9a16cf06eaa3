import type { MerchantImportView } from '@contract'
import { useState } from 'react'
import { count } from '../../format'
import { Link } from '../../router'
import { Submitted } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, Confirm, Fault, Loading, Notice, PageHead, toast } from '../../ui'
import { type Trial, useFileTrial } from '../../use-file-trial'
import { ImportReport } from './import-report'
import { saveTemplate } from './template'

/** Merchants by the file: first what would happen, then, confirmed, all of it or nothing. */
export default function MerchantImportPage() {
  const operator = useOperator()
  const file = useFileTrial<MerchantImportView>('/admin/merchants/import')
  const { trial, done, busy, fault } = file
  const [asked, setAsked] = useState(false)

  async function take(tried: Trial<MerchantImportView>) {
    const view = await file.take(tried)
    const taken = view ? view.added + view.changed - (view.review?.lines ?? 0) : 0
    if (taken > 0) toast.ok(`已更新 ${count(taken)} 家商户的名称`)
  }

  const ready = trial && trial.view.faultCount === 0 && trial.view.added + trial.view.changed > 0
  return (
    <>
      <PageHead
        title="批量导入"
        trail={[['商户', 'merchants']]}
        keys={
          <>
            <Button onClick={saveTemplate}>下载模板</Button>
            <Button kind={trial || done ? 'plain' : 'main'} busy={busy} onClick={file.open}>
              {trial || done ? '换一个文件' : '选择 CSV 文件'}
            </Button>
            {ready && (
              <Button kind="main" onClick={() => setAsked(true)}>
                {`导入 ${count(trial.view.added + trial.view.changed)} 家`}
              </Button>
            )}
          </>
        }
      />
      <input {...file.field} />
      <Fault text={fault} />
      {busy && <Loading lines={4} />}
      {!busy && !trial && !done && <Guide branchCode={operator.branchCode} />}
      {trial && <ImportReport fileName={trial.fileName} view={trial.view} />}
      {done && <Done view={done} />}
      {asked && trial && (
        <Confirm
          title={`导入：${trial.fileName}`}
          consequence={<Consequence view={trial.view} />}
          verb="导入"
          act={() => take(trial)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

function Consequence({ view: { added, changed } }: { view: MerchantImportView }) {
  return (
    <>
      {added > 0 && <p>{`新增 ${count(added)} 家商户：由同事复核后才能收款，加入活动后才有优惠。`}</p>}
      {changed > 0 && (
        <p>{`更新 ${count(changed)} 家商户：名称立即生效；账户或网点由同事复核后生效，已有订单不变。`}</p>
      )}
    </>
  )
}

function Done({ view: { added, changed, unchanged, review } }: { view: MerchantImportView }) {
  const waiting = review?.lines ?? 0
  return (
    <>
      {review && <Submitted what={`${count(waiting)} 家商户的结算信息`} />}
      <Notice kind="ok">
        <span>{`已收下：新增 ${count(added)} 家，更新 ${count(changed)} 家，未变 ${count(unchanged)} 家；其中 ${count(waiting)} 家等待复核。`}</span>
        <Link to="merchants">看商户列表</Link>
      </Notice>
    </>
  )
}

function Guide({ branchCode }: { branchCode: string | null }) {
  return (
    <Card title="怎样导入">
      <ol className="c-list">
        <li>
          下载模板，每行一家商户：商户号、名称、网点、结算账户；有钱包商户号的填上，空着就是没有，整列删掉则保持不变。用表格软件另存为
          CSV，UTF-8 和 GBK 都可以。
        </li>
        <li>选择文件后先试一遍，列出会新增、更新和不变的家数，以及有错的每一行；这一步什么都不改。</li>
        <li>没有错误才能导入。有一行错误，就一行都不导入。</li>
        <li>名称立即生效；新商户、结算账户、钱包商户号和网点要由同事复核，通过后才生效。</li>
        {branchCode && <li>{`您只能导入本网点（${branchCode}）的商户。`}</li>}
      </ol>
    </Card>
  )
}

import type { AskedChange, BranchList, DifferenceView } from '@contract'
import { useState } from 'react'
import { get, post } from '../../client'
import { dateTime } from '../../dates'
import { yuanText } from '../../format'
import { Button, Confirm, Notice, Ready, SelectField, TextField, toast } from '../../ui'
import { useRead } from '../../use-read'
import { failWords } from '../refunds/table'

/** Where the money of an accepted difference is: with its payer, on its way, or still short. */
export function GiveBack({ difference, mayAsk }: { difference: DifferenceView; mayAsk: boolean }) {
  const { channel, next, owedFen, refund, payment } = difference
  const [asked, setAsked] = useState<'refund' | 'pay'>()
  if (payment) {
    const { glAccount, voucherNo, by, reviewedBy, at } = payment
    return (
      <Notice kind="ok">
        {`${yuanText(owedFen)} 已由科目 ${glAccount} 垫付给付款人，凭证 ${voucherNo}（${by} 提出，${reviewedBy} 复核，${dateTime(at)}）。`}
      </Notice>
    )
  }
  if (refund?.state === 'refunded') return <Notice kind="ok">{`已退回付款人，退款号 ${refund.refundNo}。`}</Notice>
  if (next === 'refunding')
    return <Notice kind="plain">{`${refundWords(refund)}还没有结果；有了结果才算了结。`}</Notice>
  if (next !== 'retry' && next !== 'pay') return null
  return (
    <>
      <Notice>
        <span>
          {next === 'retry'
            ? `${refundWords(refund)}失败${refund?.failReason ? `（${failWords(refund.failReason, channel)}）` : ''}：付款人还有 ${yuanText(owedFen)} 没有拿回。`
            : `付款人不明，${yuanText(owedFen)} 还没有退回。请凭付款账户尾号、金额和时间请银行查找。`}
        </span>
      </Notice>
      {mayAsk && (
        <div className="c-row">
          {next === 'retry' && <Button onClick={() => setAsked('refund')}>再退一次</Button>}
          <Button onClick={() => setAsked('pay')}>由科目垫付</Button>
        </div>
      )}
      {asked === 'refund' && <RefundAgain difference={difference} onClose={() => setAsked(undefined)} />}
      {asked === 'pay' && <Pay difference={difference} onClose={() => setAsked(undefined)} />}
    </>
  )
}

/** Named where it is known. */
const refundWords = (refund: DifferenceView['refund']) => (refund ? `退款 ${refund.refundNo} ` : '退款')

const SUBMITTED = '已提交，由同事在“待复核”里通过后生效'

function RefundAgain({
  difference: { differenceId, owedFen },
  onClose,
}: {
  difference: DifferenceView
  onClose(): void
}) {
  async function act(note: string | undefined) {
    await post<AskedChange>(`/admin/differences/${differenceId}/refund`, { note })
    toast.ok(SUBMITTED)
  }
  return (
    <Confirm
      title={`再退一次：${yuanText(owedFen)}`}
      consequence={<p>另一位复核岗通过后，换一个退款号再向渠道发一次。请先确认上次失败的原因已经解决。</p>}
      verb="提交复核"
      note={{ label: '上次为什么失败，现在怎样', required: true }}
      act={act}
      onClose={onClose}
    />
  )
}

function Pay({ difference: { differenceId, owedFen, own }, onClose }: { difference: DifferenceView; onClose(): void }) {
  const { reading, again } = useRead(() => get<BranchList>('/admin/branches'), 'branches')
  const [glAccount, setGlAccount] = useState(own?.glAccount ?? '')
  const [voucherNo, setVoucherNo] = useState('')
  async function act(note: string | undefined) {
    await post<AskedChange>(`/admin/differences/${differenceId}/pay`, { glAccount, voucherNo: voucherNo.trim(), note })
    toast.ok(SUBMITTED)
  }
  return (
    <Confirm
      title={`由科目垫付：${yuanText(owedFen)}`}
      consequence={
        <>
          <p>请先在核心系统把钱付给付款人。另一位复核岗核对凭证并通过后，补记分录，这条差错了结。</p>
          <Ready reading={reading} again={again}>
            {({ items }) => (
              <SelectField
                label="从哪个科目付出"
                value={glAccount}
                onText={setGlAccount}
                options={[
                  ['', '请选择'],
                  ...items.map((branch) => [branch.glAccount, `${branch.glAccount}（${branch.name}）`] as const),
                ]}
              />
            )}
          </Ready>
          <TextField label="凭证号" value={voucherNo} onText={setVoucherNo} maxLength={40} />
        </>
      }
      verb="提交复核"
      note={{ label: '付给了谁，怎样核实的', required: true }}
      act={act}
      onClose={onClose}
    />
  )
}

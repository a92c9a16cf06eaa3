import type { AdminMerchant } from '@contract'
import { get } from '../../client'
import type { PageProps } from '../../page-props'
import { Link } from '../../router'
import { Card, Facts, PageHead, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { Users } from './users'

/** One merchant: what it is, what applies to it today, and who may see its orders. */
export default function MerchantPage({ params: { code = '' } }: PageProps) {
  const { reading, again } = useRead(() => get<AdminMerchant>(`/admin/merchants/${code}`), code)
  const name = reading.kind === 'ready' ? reading.value.name : code
  return (
    <>
      <PageHead
        title={name}
        trail={[['商户', 'merchants']]}
        meta={name !== code && code}
        keys={
          <>
            <Link to={`refunds?merchantCode=${code}`} className="c-button c-button--plain">
              看退款
            </Link>
            <Link to={`orders?merchantCode=${code}`} className="c-button c-button--plain">
              看订单
            </Link>
          </>
        }
      />
      <Ready reading={reading} again={again} lines={6}>
        {(merchant) => (
          <div className="c-columns">
            <Users merchant={merchant} onChanged={again} />
            <Profile merchant={merchant} />
          </div>
        )}
      </Ready>
    </>
  )
}

function Profile({ merchant }: { merchant: AdminMerchant }) {
  const { code, branchName, branchCode, glAccount, account, campaign } = merchant
  return (
    <Card title="资料">
      <Facts
        rows={[
          ['商户号', code],
          ['归属网点', `${branchName}（${branchCode}）`],
          ['补贴科目', glAccount],
          ['结算账户', account],
          [
            '今日活动',
            campaign ? (
              <Link key="c" to={`campaigns/${campaign.campaignId}`}>
                {campaign.name}
              </Link>
            ) : (
              '没有'
            ),
          ],
        ]}
      />
      <p className="c-card__note">资料以导入的文件为准，要改请再导入一次。</p>
    </Card>
  )
}

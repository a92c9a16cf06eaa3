import type { AdminMerchant } from '@contract'
import { useState } from 'react'
import { CHANNEL_WORDS } from '../../../sentences'
import { get } from '../../client'
import type { PageProps } from '../../page-props'
import { may } from '../../permissions'
import { Link } from '../../router'
import { Submitted } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, Facts, PageHead, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { WALLETS } from '../../words'
import { PausedMerchant, PauseMerchant } from './brake'
import { Days } from './days'
import { Disable, Disabled } from './disable'
import { MerchantForm } from './form'
import { Settlements } from './settlements'
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
            <PauseMerchant code={code} name={name} />
            {reading.kind === 'ready' && <Disable merchant={reading.value} />}
          </>
        }
      />
      <Ready reading={reading} again={again} lines={6}>
        {(merchant) => (
          <>
            <PausedMerchant merchant={merchant} />
            <Disabled merchant={merchant} />
            <div className="c-stack">
              <div className="c-columns">
                <Users merchant={merchant} onChanged={again} />
                <Profile merchant={merchant} onChanged={again} />
              </div>
              <Days code={code} />
              <Settlements code={code} />
            </div>
          </>
        )}
      </Ready>
    </>
  )
}

function Profile({ merchant, onChanged }: { merchant: AdminMerchant; onChanged(): void }) {
  const mayChange = may(useOperator(), 'merchants')
  const [open, setOpen] = useState(false)
  const [submitted, setSubmitted] = useState(false)
  const { code, branchName, branchCode, glAccount, account, walletAccounts, campaign } = merchant
  return (
    <Card title="资料">
      <Facts
        rows={[
          ['商户号', code],
          ['归属网点', `${branchName}（${branchCode}）`],
          ['补贴科目', glAccount],
          ['结算账户', account],
          ...WALLETS.map((name) => {
            const account = walletAccounts[name]
            return [CHANNEL_WORDS[name], account ? `商户号 ${account}` : '没有开通'] as const
          }),
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
      {mayChange && (
        <p className="c-card__note">
          改名称立即生效；改结算账户、钱包商户号或网点，由同事复核后生效。
          <Button kind="text" onClick={() => setOpen(true)}>
            修改资料
          </Button>
        </p>
      )}
      {submitted && <Submitted what="结算信息的变更" />}
      {open && (
        <MerchantForm
          merchant={merchant}
          onClose={() => setOpen(false)}
          onDone={(asked) => {
            setSubmitted(asked)
            onChanged()
          }}
        />
      )}
    </Card>
  )
}

import type { RulesView } from '@contract'
import Taro, { useRouter } from '@tarojs/taro'
import { api } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Contact } from '../../components/contact'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateTime } from '../../dates'
import { merchantOf } from '../../entry'
import { todaySentence } from '../../sentences'
import { useAnswer } from '../../use-answer'
import { OddsPicture } from './odds'
import './index.scss'

/** 活动规则: the disclosure the promotion rules ask for, as the server derives it from the campaign's parameters. */
export default function RulesPage() {
  const merchantCode = merchantOf(useRouter().params) ?? ''
  const [page, read] = useAnswer(() => api.rules(merchantCode), merchantCode)
  return (
    <Box className="page" role="main">
      {body(page, read, merchantCode)}
    </Box>
  )
}

function body(page: ReturnType<typeof useAnswer<RulesView>>[0], read: () => void, merchantCode: string) {
  switch (page.kind) {
    case 'waiting':
      return <Skeleton heights={[60, 140, 140, 140]} />
    case 'failed':
      return page.error.missing ? (
        <Notice mark="规" title="这家商户没有活动" />
      ) : (
        <Unread error={page.error} onRetry={read} />
      )
    case 'ready':
      return <Rules rules={page.value} merchantCode={merchantCode} />
  }
}

function Rules({ rules, merchantCode }: { rules: RulesView; merchantCode: string }) {
  return (
    <Box>
      <Box className="rules__head">
        <Box className="rules__headline" role="heading">
          {rules.headline}
        </Box>
        <Box className="rules__period">{`${rules.campaignName} · ${rules.startDate} 至 ${rules.endDate}`}</Box>
        <Box className="rules__today" role="status">
          {todaySentence(rules.today)}
        </Box>
      </Box>
      {rules.sections.map(({ title, lines }) => (
        <Box key={title} className="rules__section">
          <Box className="rules__title" role="heading" level={2}>
            {title}
          </Box>
          {lines.map((line) => (
            <Box key={line} className="rules__line">
              {line}
            </Box>
          ))}
        </Box>
      ))}
      <Box className="rules__section">
        <Box className="rules__title" role="heading" level={2}>
          咨询与投诉
        </Box>
        <Box className="rules__line">优惠和活动的事问主办方；饭菜、货品和退款的事问店家</Box>
        <Contact />
      </Box>
      <OddsPicture odds={rules.odds} />
      {rules.secretCommitment && (
        <Box className="rules__section">
          <Box className="rules__title" role="heading" level={2}>
            整个活动的凭证
          </Box>
          <Box className="rules__line">
            每天的优惠金额都由一把密钥排出，下面是它的凭证（承诺值），活动批准时就已公布。活动结束后公开密钥，谁都可以核对金额没有挑选过。
          </Box>
          <Box className="rules__code">{rules.secretCommitment}</Box>
        </Box>
      )}
      {rules.deckToday && <Commitment {...rules.deckToday} />}
      {/* dealing a deck once more needs SHA-256, which is too much for the mini-program's package */}
      {process.env.TARO_ENV === 'h5' && (
        <Button
          kind="quiet"
          onPress={() =>
            void Taro.navigateTo({
              url: `/pages/verify/index?campaign=${rules.campaignId}&merchant=${merchantCode}`,
            })
          }
        >
          核对往日的优惠金额
        </Button>
      )}
    </Box>
  )
}

/** Published when the deck was dealt: it opens to one deck. With the seed revealed after the day, anyone can check the day's amounts. */
function Commitment({ businessDate, commitment, dealtAt }: NonNullable<RulesView['deckToday']>) {
  return (
    <Box className="rules__section">
      <Box className="rules__title" role="heading" level={2}>
        今天的凭证
      </Box>
      <Box className="rules__line">
        {`${businessDate} 的优惠金额已在 ${dateTime(dealtAt)} 全部排好，下面是它们的凭证（承诺值）。当天结束后公开金额和排出它们的随机数（种子），谁都可以核对没有改过。`}
      </Box>
      <Box className="rules__code">{commitment}</Box>
    </Box>
  )
}

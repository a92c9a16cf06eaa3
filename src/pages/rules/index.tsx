import type { RulesView } from '@contract'
import Taro, { useRouter } from '@tarojs/taro'
import { api } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateTime } from '../../dates'
import { merchantOf } from '../../entry'
import { todaySentence } from '../../sentences'
import { useAnswer } from '../../use-answer'
import './index.scss'

/** 活动规则: the disclosure the promotion rules ask for, as the server derives it from the campaign's parameters. */
export default function RulesPage() {
  const merchantCode = merchantOf(useRouter().params) ?? ''
  const [page, read] = useAnswer(() => api.rules(merchantCode), merchantCode)
  return <Box className="page">{body(page, read, merchantCode)}</Box>
}

function body(page: ReturnType<typeof useAnswer<RulesView>>[0], read: () => void, merchantCode: string) {
  switch (page.kind) {
    case 'waiting':
      return <Skeleton heights={[60, 140, 140, 140]} />
    case 'failed':
      return page.error.status === 404 ? (
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
          <Box className="rules__title" role="heading">
            {title}
          </Box>
          {lines.map((line) => (
            <Box key={line} className="rules__line">
              {line}
            </Box>
          ))}
        </Box>
      ))}
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
          验证往日的牌组
        </Button>
      )}
    </Box>
  )
}

/** Published when the deck was dealt; with the seed revealed after the day, anyone can check the day's amounts. */
function Commitment({ businessDate, commitment, dealtAt }: NonNullable<RulesView['deckToday']>) {
  return (
    <Box className="rules__section">
      <Box className="rules__title" role="heading">
        今日牌组承诺
      </Box>
      <Box className="rules__line">
        {`${businessDate} 的优惠金额已在 ${dateTime(dealtAt)} 定好，下面是种子的 SHA-256。当日结束后公布种子，任何人都可以核对。`}
      </Box>
      <Box className="rules__code">{commitment}</Box>
    </Box>
  )
}

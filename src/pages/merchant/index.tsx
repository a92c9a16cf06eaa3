import Taro, { useReachBottom, useRouter } from '@tarojs/taro'
import { useEffect, useMemo, useState } from 'react'
import { knownShop, type Reader, serverNow } from '../../api'
import { Box } from '../../components/base'
import { LargeType } from '../../components/large-type'
import { Notice } from '../../components/notice'
import { Pull } from '../../components/pull'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateOf } from '../../dates'
import { host } from '../../platform/host'
import { staleSentence } from '../../sentences'
import { isStranger } from '../../shop'
import { AccountNotice } from './account-notice'
import { Bind } from './bind'
import { CampaignNote } from './campaign-note'
import { Daily } from './daily'
import { DayChips, type Span } from './day-chips'
import type { LiveState } from './live-feed'
import { Orders } from './orders'
import { Period } from './period'
import { ROLE_WORDS } from './role'
import { Summary } from './summary'
import { Tools } from './tools'
import { useDay } from './use-day'
import { useVoice, Voice } from './voice'
import './index.scss'

/** A merchant's own page: the day's total and rewards, and every order as it arrives. */
export default function MerchantPage() {
  const { merchant } = useRouter().params
  // WeChat says who its people are, in the mini-program and in its browser; elsewhere an address names the merchant's owner
  const known = merchant !== undefined || !FAPAI_SANDBOX || host.platform === 'wechat-h5'
  if (!known)
    return (
      <Box className="page" role="main">
        <Notice mark="店" title="请从商户入口打开" text="缺少商户号" />
      </Box>
    )
  return <Ledger merchantCode={merchant} />
}

function Ledger({ merchantCode }: { merchantCode: string | undefined }) {
  const [bound, setBound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: bound anew, it is another reader, who reads and listens from the start
  const reader = useMemo<Reader>(() => ({ role: 'merchant', merchantCode }), [merchantCode, bound])
  const today = useToday()
  const [picked, setPicked] = useState<string | null>(null)
  const [span, setSpan] = useState<Span | null>(null)
  const pick = (day: string) => {
    setSpan(null)
    setPicked(day === today ? null : day)
  }
  const date = picked ?? today
  const voice = useVoice()
  const { day, live, refresh, more } = useDay(reader, date, voice.hear)
  const [pulls, setPulls] = useState(0)
  const pull = () => {
    setPulls(pulls + 1)
    return refresh()
  }
  useReachBottom(() => void (!span && more()))
  const of = merchantCode ? `merchant=${merchantCode}` : ''
  const open = (orderNo: string) =>
    void Taro.navigateTo({ url: `/pages/merchant-order/index?orderNo=${orderNo}&${of}` })
  // Whoever was unbound is told of which shop, the first time that they look.
  // biome-ignore lint/correctness/useExhaustiveDependencies: bound anew, it may be another shop
  const shop = useMemo(knownShop, [bound])

  if (isStranger(day.error)) {
    const before = merchantCode === undefined || merchantCode === shop?.code ? shop?.name : undefined
    const left = day.summary?.merchantName ?? before
    return <Bind reader={reader} left={left} onBound={() => setBound(bound + 1)} />
  }
  if (!day.summary && day.error)
    return (
      <Box className="page" role="main">
        <Unread error={day.error} onRetry={() => void refresh()} />
      </Box>
    )
  return (
    <Box className="page merchant" role="main">
      <Pull onPull={pull} />
      <Box className="merchant__head">
        <Box className="merchant__who">
          <Box className="merchant__name" role="heading">
            {day.summary?.merchantName ?? '收款记录'}
          </Box>
          {day.summary && (
            <Box className="merchant__role">{`${ROLE_WORDS[day.summary.role]} · 商户号 ${day.summary.merchantCode}`}</Box>
          )}
        </Box>
        {live && <Live state={live} />}
        <LargeType />
      </Box>
      {live && (live === 'down' || (live !== 'live' && day.error)) && (
        <Box className="live-down" role="status" live="polite">
          {day.error ? `${staleSentence(day.error)}，恢复后自动补上` : '实时到账暂不可用，每 10 秒刷新'}
        </Box>
      )}
      {day.summary?.accountChange && <AccountNotice change={day.summary.accountChange} />}
      <DayChips today={today} date={date} span={span} onPick={pick} onSpan={setSpan} />
      {span && <Period key={`${span} ${pulls}`} reader={reader} span={span} today={today} onDay={pick} />}
      {!span && day.summary && <Summary summary={day.summary} today={date === today} />}
      {!span && !day.summary && <Skeleton inside heights={[270]} label="正在载入收款记录" />}
      {!span && day.summary?.campaign && (
        <CampaignNote campaign={day.summary.campaign} reason={day.summary.today?.reason ?? null} today={today} />
      )}
      {day.summary && (
        <Box>
          <Voice {...voice} />
          <Daily reader={reader} />
          <Tools shop={day.summary} of={of} />
          {!span && <Orders day={day} today={date === today} onMore={() => void more()} onOpen={open} />}
        </Box>
      )}
    </Box>
  )
}

function Live({ state }: { state: LiveState }) {
  const words = { live: '实时', connecting: '连接中', broken: '已断开，重连中', down: '非实时' }[state]
  return (
    <Box className={`live live--${state}`} role="status" live="polite">
      <Box className="live__dot" silent />
      {words}
    </Box>
  )
}

/** Today's business date; the page may stay open over midnight. */
function useToday(): string {
  const [today, setToday] = useState(() => dateOf(serverNow()))
  useEffect(() => {
    const look = () => setToday(dateOf(serverNow()))
    const timer = setInterval(look, 30_000)
    const stop = host.onReturn(look)
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [])
  return today
}

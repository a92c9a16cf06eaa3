import { useReachBottom, useRouter } from '@tarojs/taro'
import { useEffect, useMemo, useState } from 'react'
import { type Reader, serverNow } from '../../api'
import { Box } from '../../components/base'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateOf } from '../../dates'
import { host } from '../../platform/host'
import { AccountNotice } from './account-notice'
import { Bind } from './bind'
import { DayChips } from './day-chips'
import type { LiveState } from './live-feed'
import { Orders } from './orders'
import { Summary } from './summary'
import { useDay } from './use-day'
import './index.scss'

/** A merchant's own page: the day's total and rewards, and every order as it arrives. */
export default function MerchantPage() {
  const { merchant } = useRouter().params
  // WeChat says who its people are, in the mini-program and in its browser; elsewhere an address names the merchant's owner
  const known = merchant !== undefined || !FAPAI_SANDBOX || host.platform === 'wechat-h5'
  if (!known)
    return (
      <Box className="page">
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
  const date = picked ?? today
  const { day, live, refresh, more } = useDay(reader, date)
  useReachBottom(() => void more())

  if (day.error?.code === 'login-refused') return <Bind reader={reader} onBound={() => setBound(bound + 1)} />
  if (!day.summary && day.error)
    return (
      <Box className="page">
        <Unread error={day.error} onRetry={() => void refresh()} />
      </Box>
    )
  return (
    <Box className="page merchant">
      <Box className="merchant__head">
        <Box className="merchant__name" role="heading">
          {day.summary?.merchantName ?? '收款记录'}
        </Box>
        {live && <Live state={live} />}
      </Box>
      {live === 'down' && (
        <Box className="live-down" role="status" live="polite">
          实时到账暂不可用，每 10 秒刷新
        </Box>
      )}
      {day.summary?.accountChange && <AccountNotice change={day.summary.accountChange} />}
      {day.summary ? (
        <Summary summary={day.summary} today={date === today} />
      ) : (
        <Skeleton heights={[270]} label="正在载入收款记录" />
      )}
      <DayChips today={today} date={date} onPick={(day) => setPicked(day === today ? null : day)} />
      {day.summary && <Orders day={day} today={date === today} onMore={() => void more()} />}
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

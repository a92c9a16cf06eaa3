import type { DayLimitsView } from '@contract'
import { useDidShow } from '@tarojs/taro'
import { useCallback, useEffect, useState } from 'react'
import { serverNow } from '../../api'
import { dateOf } from '../../dates'
import { plainYuan, yuan } from '../../money'
import { payerApi } from '../../payer-api'

type Limit = DayLimitsView['items'][number]

export interface DayLimits {
  /** undefined while it isn't known: the server says when it is too much */
  of(channel: Limit['channel']): Limit | undefined
  read(): void
}

/** What the payer may still pay today. Nothing waits for it, and yesterday's is none. */
export function useDayLimits(): DayLimits {
  const [limits, setLimits] = useState<DayLimitsView>()
  const read = useCallback(() => void payerApi.dayLimits().then(setLimits, () => setLimits(undefined)), [])
  const stale = limits !== undefined && limits.businessDate !== dateOf(serverNow())
  useEffect(read, [read])
  useEffect(() => {
    if (stale) read()
  }, [stale, read])
  useDidShow(read)
  return { of: (channel) => (stale ? undefined : limits?.items.find((one) => one.channel === channel)), read }
}

/** `今天还能付 ¥120.00`, once something of the day's limit is used; '' before. */
export function leftWords(limit: Limit | undefined): string {
  return limit && limit.leftFen < limit.limitFen ? `今天还能付 ¥${yuan(limit.leftFen)}` : ''
}

/** More than may be paid today: said before it is asked for. Undefined for what may be, or isn't known. */
export function overLimit(
  limit: Limit | undefined,
  amountFen: number,
  /** whether another way of paying takes it */
  elsewhere: boolean,
  /** the amount is the shop's to say */
  fixed = false,
): { title: string; text: string } | undefined {
  if (!limit || amountFen <= limit.leftFen) return undefined
  const { limitFen, leftFen } = limit
  const most = `每人每天最多付 ${plainYuan(limitFen)} 元`
  const other = elsewhere ? '，或换一种付款方式' : ''
  if (leftFen === 0) return { title: '今天不能再付了', text: `扫店里的收款码，${most}。请明天再付${other}` }
  const left = leftFen < limitFen ? `，今天还能付 ¥${yuan(leftFen)}` : ''
  return {
    title: '超过每天能付的金额',
    text: `扫店里的收款码，${most}${left}。${fixed ? '请告诉店家' : '请减少金额'}${other}`,
  }
}

import type { MerchantDays } from '@contract'
import { useState } from 'react'
import type { Reader } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Button } from '../../components/button'
import { Money } from '../../components/money'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { yuan } from '../../money'
import type { FileReady } from '../../platform/types'
import { faultOf, faultSentence } from '../../sentences'
import { shop } from '../../shop'
import { useAnswer } from '../../use-answer'
import { Arrived } from './arrived'
import type { Span } from './day-chips'
import { spanOf } from './span'

interface PeriodProps {
  reader: Reader
  span: Span
  today: string
  onDay(date: string): void
}

/** A week or a month: what came in, what of it is reward, each day of it, and all its orders as a file. */
export function Period({ reader, span, today, onDay }: PeriodProps) {
  const [back, setBack] = useState(0)
  const { from, to } = spanOf(span, today, back)
  const [answer, read] = useAnswer(() => shop.days(reader, from, to), `${from} ${to}`)
  const word = span === 'week' ? '周' : '月'
  return (
    <Box>
      <Box className="period__head">
        <Press className="period__turn" onPress={() => setBack(back + 1)}>{`‹ 上一${word}`}</Press>
        <Box className="period__dates">{`${from.slice(5)} 至 ${to.slice(5)}`}</Box>
        <Press
          className="period__turn"
          disabled={back === 0}
          onPress={() => setBack(back - 1)}
        >{`下一${word} ›`}</Press>
      </Box>
      {answer.kind === 'waiting' && <Skeleton inside heights={[160, 60, 60]} label="正在载入" />}
      {answer.kind === 'failed' && <Unread inside error={answer.error} onRetry={read} />}
      {answer.kind === 'ready' && (
        <Days
          value={answer.value}
          title={back === 0 ? `本${word}到账（含奖励）` : `这一${word}到账（含奖励）`}
          onDay={onDay}
        />
      )}
      {answer.kind === 'ready' && answer.value.days.length > 0 && (
        <Export key={from} reader={reader} from={from} to={to} />
      )}
    </Box>
  )
}

function Days({
  value: { total, days },
  title,
  onDay,
}: {
  value: MerchantDays
  title: string
  onDay(date: string): void
}) {
  return (
    <Box>
      <Box className="summary">
        <Box className="summary__title">{title}</Box>
        <Arrived {...total} />
      </Box>
      {days.length === 0 ? (
        <Notice inside mark="收" title="这段时间没有收款" />
      ) : (
        <Box className="orders period__days" role="list">
          {[...days].reverse().map((day) => (
            <Box key={day.businessDate} className="orders__item" role="listitem">
              <Press className="order" onPress={() => onDay(day.businessDate)}>
                <Box className="order__words">
                  <Box className="order__channel">{`${day.businessDate.slice(5)} ${weekday(day.businessDate)}`}</Box>
                  <Box className="order__when">{countWords(day)}</Box>
                </Box>
                <Box className="order__figures">
                  <Money
                    fen={Math.abs(day.receivedFen)}
                    sign={day.receivedFen < 0 ? '−' : ''}
                    className="order__amount"
                  />
                  {day.rewardFen > 0 && <Words className="order__reward">{`含奖励 ¥${yuan(day.rewardFen)}`}</Words>}
                </Box>
              </Press>
            </Box>
          ))}
        </Box>
      )}
    </Box>
  )
}

const weekday = (date: string) => `周${'日一二三四五六'[new Date(`${date}T00:00:00Z`).getUTCDay()]}`

function countWords({ orderCount, refundCount }: MerchantDays['days'][number]): string {
  return `收款 ${orderCount} 笔${refundCount > 0 ? `，退款 ${refundCount} 笔` : ''}`
}

/** Two taps: what hands a file on must be the person's own. */
function Export({ reader, from, to }: { reader: Reader; from: string; to: string }) {
  const [file, setFile] = useState<FileReady | null>(null)
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  const make = async () => {
    setBusy(true)
    setSaid('')
    try {
      setFile(await shop.file(reader, from, to))
    } catch (thrown) {
      const { title, text } = faultSentence(faultOf(thrown))
      setSaid(`${title}，${text}`)
    }
    setBusy(false)
  }
  const hand = async () => setSaid((await file?.hand()) ? '' : '没有保存成功，请再试')
  return (
    <Box className="period__file">
      <Button kind="quiet" disabled={busy} onPress={() => void (file ? hand() : make())}>
        {file ? file.verb : busy ? '正在生成…' : '导出订单表格（CSV）'}
      </Button>
      <Box className="orders__stale" live="polite" role="status">
        {said}
      </Box>
    </Box>
  )
}

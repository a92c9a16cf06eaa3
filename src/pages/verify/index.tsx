import type { DeckView } from '@contract'
import { useRouter } from '@tarojs/taro'
import { useState } from 'react'
import { request, serverNow } from '../../api'
import { Box, Words } from '../../components/base'
import { DayPicker } from '../../components/day-picker'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateOf, dateTime } from '../../dates'
import { merchantOf } from '../../entry'
import { useAnswer } from '../../use-answer'
import { Cards } from './cards'
import { prove, type Revealed } from './check'
import './index.scss'

const NAME = /^[A-Za-z0-9_-]{1,40}$/
const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * 验证牌组: anyone can check here that a past day's amounts were fixed before the day began. Nothing is taken on trust: the
 * deck is dealt once more in this browser, from the seed that was committed to. H5 only; needs no log-in.
 */
export default function VerifyPage() {
  const { params } = useRouter()
  const merchantCode = merchantOf(params) ?? ''
  const campaignId = NAME.test(params.campaign ?? '') ? params.campaign! : ''
  const yesterday = dateOf(serverNow(), -1)
  const [date, setDate] = useState(DATE.test(params.date ?? '') ? params.date! : yesterday)
  const path = `/api/decks/${campaignId}/${merchantCode}/${date}`
  const [page, read] = useAnswer(() => request<DeckView>({ method: 'GET', path }), path)
  return (
    <Box className="page">
      <Box className="verify__head">
        <Box className="verify__title" role="heading">
          验证牌组
        </Box>
        <DayPicker className="verify__day" day={date} last={dateOf(serverNow())} onPick={setDate}>
          {`${date} ▾`}
        </DayPicker>
      </Box>
      {body(page, read, date)}
    </Box>
  )
}

function body(page: ReturnType<typeof useAnswer<DeckView>>[0], read: () => void, date: string) {
  switch (page.kind) {
    case 'waiting':
      return <Skeleton heights={[120, 180, 260]} />
    case 'failed':
      return page.error.status === 404 ? (
        <Notice mark="空" title="这一天没有牌组" text={`${date} 没有为这家商户发过牌，请换一天`} />
      ) : (
        <Unread error={page.error} onRetry={read} />
      )
    case 'ready':
      return <Deck deck={page.value} />
  }
}

function Deck({ deck }: { deck: DeckView }) {
  const { seed, amountsFen } = deck
  return (
    <Box>
      <Box className="verify__of">{`${deck.merchantName} · ${deck.businessDate} · ${deck.rule.slots} 份优惠`}</Box>
      {seed !== null && amountsFen !== null ? (
        <Verdict deck={{ ...deck, seed, amountsFen }} />
      ) : (
        <Box className="verify__verdict verify__verdict--wait" role="status">
          <Box className="verify__word">尚未公布</Box>
          <Box className="verify__text">{`种子和金额将在 ${dateTime(deck.revealedAt)} 公布，届时可以验证`}</Box>
        </Box>
      )}
      <Box className="verify__section">
        <Box className="verify__name" role="heading">
          承诺值
        </Box>
        <Box className="verify__text">{`发牌时（${dateTime(deck.dealtAt)}）公布的种子的 SHA-256`}</Box>
        <Box className="verify__code">{deck.commitment}</Box>
        {seed !== null && (
          <>
            <Box className="verify__text">种子（当日结束后公布）</Box>
            <Box className="verify__code">{seed}</Box>
          </>
        )}
      </Box>
    </Box>
  )
}

function Verdict({ deck }: { deck: Revealed }) {
  const proof = prove(deck)
  return (
    <>
      <Box className={`verify__verdict verify__verdict--${proof.holds ? 'ok' : 'bad'}`} role="status">
        <Box className="verify__word">{proof.holds ? '验证通过' : '验证不通过'}</Box>
        <Box className="verify__text">
          {proof.holds
            ? '刚刚在您的浏览器里重新发了一遍牌：金额在公布承诺值时就已排定，之后没有改过。'
            : '公布的牌组对不上它的种子，请向主办方反映。'}
        </Box>
      </Box>
      <Box className="verify__section">
        {proof.checks.map(({ holds, title, text }) => (
          <Box key={title} className="verify__check">
            <Words
              className={`verify__mark ${holds ? '' : 'verify__mark--bad'}`}
              role="img"
              label={holds ? '通过' : '不通过'}
            >
              {holds ? '✓' : '✗'}
            </Words>
            <Box className="verify__found">
              <Box className="verify__name">{title}</Box>
              <Box className="verify__text">{text}</Box>
            </Box>
          </Box>
        ))}
      </Box>
      <Box className="verify__section">
        <Box className="verify__name" role="heading">
          当日的每一份
        </Box>
        <Cards deck={deck} proof={proof} />
      </Box>
    </>
  )
}

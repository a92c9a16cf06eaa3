import type { CampaignSecretView, DeckView } from '@contract'
import { useRouter } from '@tarojs/taro'
import { useState } from 'react'
import { request, serverNow } from '../../api'
import { Box } from '../../components/base'
import { DayPicker } from '../../components/day-picker'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateOf, dateTime } from '../../dates'
import { merchantOf } from '../../entry'
import { useAnswer } from '../../use-answer'
import type { Told } from './check'
import { Verdict } from './verdict'
import './index.scss'

const NAME = /^[A-Za-z0-9_-]{1,40}$/
const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * 验证牌组: anyone can check here that a past day's amounts were fixed before the day began. Nothing is taken on trust: the
 * deck is dealt once more in this browser, from the seed that was committed to. A link from a receipt brings what its payer was told,
 * and proves their card with it. H5 only; needs no log-in.
 */
export default function VerifyPage() {
  const { params } = useRouter()
  const merchantCode = merchantOf(params) ?? ''
  const campaignId = NAME.test(params.campaign ?? '') ? params.campaign! : ''
  const yesterday = dateOf(serverNow(), -1)
  const [date, setDate] = useState(DATE.test(params.date ?? '') ? params.date! : yesterday)
  const path = `/api/decks/${campaignId}/${merchantCode}/${date}`
  const [page, read] = useAnswer(() => readDeck(path, campaignId), path)
  const told = toldOf(params)
  return (
    <Box className="page" role="main">
      <Box className="verify__head">
        <Box className="verify__title" role="heading">
          验证牌组
        </Box>
        <DayPicker className="verify__day" day={date} last={dateOf(serverNow())} onPick={setDate}>
          {`${date} ▾`}
        </DayPicker>
      </Box>
      {body(page, read, date, told)}
    </Box>
  )
}

interface Published {
  deck: DeckView
  /** null: not yet, or nobody says */
  secrets: CampaignSecretView | null
}

/** The secrets are for a check more; without them the deck is proven as far as it can be. */
async function readDeck(path: string, campaignId: string): Promise<Published> {
  const deck = await request<DeckView>({ method: 'GET', path })
  if (deck.seed === null) return { deck, secrets: null }
  const asked = request<CampaignSecretView>({ method: 'GET', path: `/api/campaigns/${campaignId}/secret` })
  return { deck, secrets: await asked.catch(() => null) }
}

/** Null unless the link is a receipt's. */
function toldOf({ slot, fen, commitment }: Partial<Record<string, string>>): Told | null {
  if (!commitment || !/^[v0-9a-f.]{64,80}$/.test(commitment)) return null
  const whole = (text = '') => (/^\d{1,9}$/.test(text) ? Number(text) : null)
  const [slotNumber, discountFen] = [whole(slot), whole(fen)]
  return slotNumber === null || discountFen === null ? null : { commitment, slotNumber, discountFen }
}

function body(page: ReturnType<typeof useAnswer<Published>>[0], read: () => void, date: string, told: Told | null) {
  switch (page.kind) {
    case 'waiting':
      return <Skeleton inside heights={[120, 180, 260]} />
    case 'failed':
      return page.error.missing ? (
        <Notice inside mark="空" title="这一天没有优惠" text={`${date} 这家商户没有排过优惠，请换一天`} />
      ) : (
        <Unread inside error={page.error} onRetry={read} />
      )
    case 'ready':
      return <Deck {...page.value} told={told} />
  }
}

function Deck({ deck, secrets, told }: Published & { told: Told | null }) {
  const { seed, amountsFen } = deck
  return (
    <Box>
      <Box className="verify__of">{`${deck.merchantName} · ${deck.businessDate} · ${deck.rule.slots} 份优惠`}</Box>
      {seed !== null && amountsFen !== null ? (
        <Verdict deck={{ ...deck, seed, amountsFen }} secrets={secrets} told={told} />
      ) : (
        <Box className="verify__verdict verify__verdict--wait" role="status">
          <Box className="verify__word">尚未公布</Box>
          <Box className="verify__text">{`全部金额和排出它们的随机数（种子）将在 ${dateTime(deck.revealedAt)} 公布，届时可以核对`}</Box>
        </Box>
      )}
      <Box className="verify__section">
        <Box className="verify__name" role="heading" level={2}>
          凭证（承诺值）
        </Box>
        <Box className="verify__text">{`当天的金额全部排好时（${dateTime(deck.dealtAt)}）公布。金额改动一分，就对不上它`}</Box>
        <Box className="verify__code">{deck.commitment}</Box>
        {seed !== null && (
          <>
            <Box className="verify__text">排出金额的随机数（种子，当日结束后公布）</Box>
            <Box className="verify__code">{seed}</Box>
          </>
        )}
        {deck.beacon && (
          <>
            <Box className="verify__text">{`混入种子的公共随机信标：${deck.beacon.source} 第 ${deck.beacon.round} 轮`}</Box>
            <Box className="verify__code">{deck.beacon.value}</Box>
          </>
        )}
      </Box>
    </Box>
  )
}

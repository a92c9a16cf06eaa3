import type { MerchantView, QuoteView } from '@contract'
import Taro from '@tarojs/taro'
import { Box, Press } from '../../components/base'
import { Phrases } from '../../components/phrases'
import { shopToo, todayNow, todaySentence, usualSentence } from '../../sentences'

/** Before an amount is typed: what typing one brings. */
export function invitation(offer: MerchantView['offer']): [string, string?] {
  return offer?.reason === null ? ['输入金额，看看抽到多少立减', shopToo(offer)] : ['输入付款金额']
}

interface OfferProps {
  merchant: MerchantView
  quote: QuoteView | undefined
  /** a payment is under way: what leads on from it would replace a page that lies above this one */
  busy: boolean
}

/** What is there to be had, read before anything else. */
export function Offer({ merchant, quote, busy }: OfferProps) {
  const { offer } = merchant
  if (!offer) return null
  const today = todayNow(offer, quote)
  const usual = today.reason === null ? usualSentence(offer) : ''
  const rest = todaySentence(today)
  return (
    <Box className="offer">
      <Box className="offer__words">
        <Box className="offer__headline">{offer.headline}</Box>
        <Box className="offer__text">
          {usual && rest ? `${usual} · ` : usual}
          <Phrases text={rest} />
        </Box>
      </Box>
      <Press
        className="offer__rules"
        label="活动规则"
        disabled={busy}
        onPress={() => void Taro.navigateTo({ url: `/pages/rules/index?merchant=${merchant.code}` })}
      >
        活动规则 ›
      </Press>
    </Box>
  )
}

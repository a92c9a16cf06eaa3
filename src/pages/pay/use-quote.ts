import type { QuoteView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, api, serverNow } from '../../api'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'

export type QuoteState =
  | { kind: 'empty' }
  | { kind: 'asking' }
  /** `renewed`: the quote before it ended by itself and this one has another payable, to be looked at before paying */
  | { kind: 'ready'; quote: QuoteView; renewed: boolean }
  | { kind: 'failed'; error: ApiError }
  /** it ended, and was renewed often enough without a touch */
  | { kind: 'lapsed' }

/** People type a digit in about 200 ms; one request after the last digit is enough. */
const TYPING_PAUSE_MS = 250
/** Some ten minutes with nobody touching the page: the card should go back to those who are paying. */
const MAX_RENEWALS = 5

interface Asked {
  amountFen: number
  /** how often it was renewed by itself since a person last did something */
  renewals: number
  previous: QuoteView | null
}

/**
 * The quote for the amount being typed. Only the newest question's answer is ever shown: an answer to an amount typed
 * before is dropped. An ended quote is asked again, but not while `frozen` (a payment of it is under way).
 */
export function useQuote(merchantCode: string | undefined, amountFen: number, frozen: boolean) {
  const [asked, setAsked] = useState<Asked>({ amountFen: 0, renewals: 0, previous: null })
  const [answer, setAnswer] = useState<{ to: Asked; state: QuoteState }>()
  const frozenNow = useRef(frozen)
  frozenNow.current = frozen

  useEffect(() => setAsked({ amountFen, renewals: 0, previous: null }), [amountFen])

  useEffect(() => {
    if (!merchantCode || asked.amountFen === 0) return
    let wanted = true
    const ask = async () => {
      const state = await quoteState(merchantCode, asked)
      if (wanted) setAnswer({ to: asked, state })
    }
    const pause = asked.previous || asked.renewals > 0 ? 0 : TYPING_PAUSE_MS
    const timer = setTimeout(ask, pause)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [merchantCode, asked])

  const state = stateOf(amountFen, asked, answer)
  const quote = state.kind === 'ready' ? state.quote : null

  useEffect(() => {
    if (!quote) return
    const end = () => {
      if (frozenNow.current) return
      setAsked((was) => {
        if (was.renewals < MAX_RENEWALS && host.visible())
          return { ...was, renewals: was.renewals + 1, previous: quote }
        setAnswer({ to: was, state: { kind: 'lapsed' } })
        return was
      })
    }
    const timer = setTimeout(end, Math.max(0, Date.parse(quote.expiresAt) - serverNow()))
    return () => clearTimeout(timer)
  }, [quote])

  const askAgain = useCallback(
    () => setAsked((was) => ({ ...was, renewals: 0, previous: quote ?? was.previous })),
    [quote],
  )
  return { state, askAgain }
}

async function quoteState(merchantCode: string, { amountFen, previous }: Asked): Promise<QuoteState> {
  try {
    const quote = await api.quote({ merchantCode, amountFen, channel: 'bank' })
    return { kind: 'ready', quote, renewed: previous !== null && previous.payableFen !== quote.payableFen }
  } catch (error) {
    return { kind: 'failed', error: faultOf(error) }
  }
}

/** What may be shown for the amount on the screen now; an answer to anything else counts as no answer yet. */
function stateOf(amountFen: number, asked: Asked, answer: { to: Asked; state: QuoteState } | undefined): QuoteState {
  if (amountFen === 0) return { kind: 'empty' }
  if (asked.amountFen !== amountFen || answer?.to !== asked) return { kind: 'asking' }
  return answer.state
}

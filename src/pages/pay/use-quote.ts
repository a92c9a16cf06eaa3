import type { QuoteBody, QuoteView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, api, serverNow } from '../../api'
import { mostFen } from '../../money'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'

export type QuoteState =
  | { kind: 'empty' }
  | { kind: 'asking' }
  /** another payable than was shown for this amount before: to be looked at before paying, above all when it is more */
  | { kind: 'ready'; quote: QuoteView; changed?: 'less' | 'more' | undefined }
  /** `goesOn`: it is asked again by itself, when the server lets it */
  | { kind: 'failed'; error: ApiError; goesOn?: boolean }
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
  /** somebody is typing: the next digit may come before the answer is worth asking for */
  typing: boolean
}

/** The same question again, without a person having asked. */
const renewed = (was: Asked): Asked => ({ ...was, renewals: was.renewals + 1, typing: false })

/**
 * The quote for the amount being typed. Only the newest question's answer is ever shown: an answer to an amount typed
 * before is dropped. An ended quote is asked again, but not while `frozen` (a payment of it is under way).
 */
export function useQuote(merchantCode: string, channel: QuoteBody['channel'], amountFen: number, frozen: boolean) {
  const [asked, setAsked] = useState<Asked>({ amountFen: 0, renewals: 0, typing: true })
  const [answer, setAnswer] = useState<{ to: Asked; state: QuoteState }>()
  /** the payable last shown for each amount, fen */
  const shown = useRef(new Map<number, number>())

  useEffect(() => setAsked({ amountFen, renewals: 0, typing: true }), [amountFen])

  useEffect(() => {
    if (asked.amountFen === 0) return
    let wanted = true
    const ask = async () => {
      const state = await quoteState({ merchantCode, channel, amountFen: asked.amountFen })
      if (wanted) setAnswer({ to: asked, state: compared(state, shown.current) })
    }
    const timer = setTimeout(ask, asked.typing ? TYPING_PAUSE_MS : 0)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [merchantCode, channel, asked])

  const state = stateOf(amountFen, asked, answer)
  const quote = state.kind === 'ready' ? state.quote : null

  useEffect(() => {
    if (!quote || frozen) return
    const end = () => {
      setAsked((was) => {
        if (was.renewals < MAX_RENEWALS && host.visible()) return renewed(was)
        setAnswer({ to: was, state: { kind: 'lapsed' } })
        return was
      })
    }
    const timer = setTimeout(end, Math.max(0, Date.parse(quote.expiresAt) - serverNow()))
    return () => clearTimeout(timer)
  }, [quote, frozen])

  const waitMs = state.kind === 'failed' ? state.error.retryAfterMs : 0
  const goesOn = waitMs > 0 && asked.renewals < MAX_RENEWALS
  useEffect(() => {
    if (waitMs === 0 || asked.renewals >= MAX_RENEWALS) return
    const timer = setTimeout(() => host.visible() && setAsked(renewed), waitMs)
    return () => clearTimeout(timer)
  }, [waitMs, asked])

  const askAgain = useCallback(() => setAsked((was) => ({ ...was, renewals: 0, typing: false })), [])
  return { state: state.kind === 'failed' ? { ...state, goesOn } : state, askAgain }
}

async function quoteState(body: QuoteBody): Promise<QuoteState> {
  try {
    return { kind: 'ready', quote: await api.quote(body) }
  } catch (error) {
    return { kind: 'failed', error: faultOf(error) }
  }
}

function compared(state: QuoteState, shown: Map<number, number>): QuoteState {
  if (state.kind !== 'ready') return state
  const { amountFen } = state.quote
  const payableFen = mostFen(state.quote)
  const beforeFen = shown.get(amountFen) ?? payableFen
  shown.set(amountFen, payableFen)
  if (payableFen === beforeFen) return state
  return { ...state, changed: payableFen > beforeFen ? 'more' : 'less' }
}

/** Time to read a figure: a thumb on its way down when the price rose pays nothing that wasn't seen. */
const LOOK_MS = 1_500

/** False while a payable that rose has not been in sight for a moment; the page may be in nobody's sight when it rises. */
export function useSeen(state: QuoteState): boolean {
  const risen = state.kind === 'ready' && state.changed === 'more' ? state.quote : null
  const [seen, setSeen] = useState<QuoteView | null>(null)
  useEffect(() => {
    if (!risen) return
    let timer: ReturnType<typeof setTimeout>
    const look = () => {
      clearTimeout(timer)
      timer = setTimeout(() => host.visible() && setSeen(risen), LOOK_MS)
    }
    look()
    const stop = host.onReturn(look)
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [risen])
  return risen === null || seen === risen
}

/** What may be shown for the amount on the screen now; an answer to anything else counts as no answer yet. */
function stateOf(amountFen: number, asked: Asked, answer: { to: Asked; state: QuoteState } | undefined): QuoteState {
  if (amountFen === 0) return { kind: 'empty' }
  if (asked.amountFen !== amountFen || answer?.to !== asked) return { kind: 'asking' }
  return answer.state
}

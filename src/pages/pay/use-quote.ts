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
  channel: QuoteBody['channel']
  /** how often it was renewed by itself since a person last did something */
  renewals: number
  /** somebody is typing: the next digit may come before the answer is worth asking for */
  typing: boolean
  /** the payer came back to a method whose quote may still stand */
  switched?: boolean
}

/** The same question again, without a person having asked. */
const renewed = (was: Asked): Asked => ({ ...was, renewals: was.renewals + 1, typing: false, switched: false })

/**
 * The quote for the amount being typed, by the chosen channel. Only the newest question's answer is ever shown: an answer to an amount
 * typed before is dropped. An ended quote is asked again, but not while `frozen` (a payment of it is under way). `quoteOf`: what
 * another channel was last quoted for the amount, while it stands: a card isn't asked for again, nor kept longer, for a channel that isn't chosen.
 * `payCode`: a code for one payment that was scanned.
 */
export function useQuote(
  merchantCode: string,
  channel: QuoteBody['channel'],
  amountFen: number,
  frozen: boolean,
  payCode?: string,
) {
  const [asked, setAsked] = useState<Asked>({ amountFen: 0, channel, renewals: 0, typing: true })
  const [answer, setAnswer] = useState<{ to: Asked; state: QuoteState }>()
  /** the payable last shown for each amount by each channel, fen */
  const shown = useRef(new Map<string, number>())
  const kept = useRef(new Map<QuoteBody['channel'], QuoteView>())
  const quoteOf = useCallback((name: QuoteBody['channel']) => standing(kept.current.get(name), amountFen), [amountFen])

  useEffect(() => {
    setAsked((was) => {
      const switched = was.channel !== channel
      return { amountFen, channel, renewals: 0, typing: !switched, switched }
    })
  }, [amountFen, channel])

  useEffect(() => {
    if (asked.amountFen === 0) return
    const stands = asked.switched && standing(kept.current.get(asked.channel), asked.amountFen)
    if (stands) return setAnswer({ to: asked, state: { kind: 'ready', quote: stands } })
    let wanted = true
    const ask = async () => {
      const state = await quoteState({ merchantCode, channel: asked.channel, amountFen: asked.amountFen, payCode })
      if (!wanted) return
      if (state.kind === 'ready') kept.current.set(asked.channel, state.quote)
      setAnswer({ to: asked, state: compared(state, asked.channel, shown.current) })
    }
    const timer = setTimeout(ask, asked.typing ? TYPING_PAUSE_MS : 0)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [merchantCode, payCode, asked])

  const state = stateOf({ amountFen, channel }, asked, answer)
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

  const askAgain = useCallback(() => {
    kept.current.clear()
    setAsked((was) => ({ ...was, renewals: 0, typing: false, switched: false }))
  }, [])
  return { state: state.kind === 'failed' ? { ...state, goesOn } : state, askAgain, quoteOf }
}

function standing(quote: QuoteView | undefined, amountFen: number): QuoteView | undefined {
  return quote?.amountFen === amountFen && Date.parse(quote.expiresAt) > serverNow() ? quote : undefined
}

async function quoteState(body: QuoteBody): Promise<QuoteState> {
  try {
    const quote = await api.quote(body)
    host.fetchNext?.()
    return { kind: 'ready', quote }
  } catch (error) {
    return { kind: 'failed', error: faultOf(error) }
  }
}

/** Another method costing more is no news: the payer chose it. */
function compared(state: QuoteState, channel: string, shown: Map<string, number>): QuoteState {
  if (state.kind !== 'ready') return state
  const amount = `${channel} ${state.quote.amountFen}`
  const payableFen = mostFen(state.quote)
  const beforeFen = shown.get(amount) ?? payableFen
  shown.set(amount, payableFen)
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
function stateOf(
  now: Pick<Asked, 'amountFen' | 'channel'>,
  asked: Asked,
  answer: { to: Asked; state: QuoteState } | undefined,
): QuoteState {
  if (now.amountFen === 0) return { kind: 'empty' }
  const current = asked.amountFen === now.amountFen && asked.channel === now.channel
  return current && answer?.to === asked ? answer.state : { kind: 'asking' }
}

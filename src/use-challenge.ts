import { useRef, useState } from 'react'
import { type ApiError, serverNow } from './api'
import { faultOf, faultSentence, waitWords } from './sentences'

interface Steps<T> {
  /** hands the proof on; the same one again has the same answer */
  confirm(answer: { challengeId: string; proof: string }): Promise<T>
  /** has the code sent once more */
  resend(): Promise<T>
  /** the server's newest word */
  onAnswer(answer: T): void
  /** asks how it stands, when what was sent may have arrived or no longer fits */
  look(): void
}

export interface Challenge {
  /** an answer is on its way */
  busy: boolean
  /** what came of the last try, if it wasn't the bank that judged; '' for nothing to say */
  said: string
  /** how many answers there were: after each the field is ready for the next */
  answered: number
  /** not to be sent again before, ms by the server's clock; beside what the challenge says itself */
  resendAt: number
  confirm(challengeId: string, proof: string): void
  resend(): void
}

/** A payer's answers to the bank's challenge. Whether they were right is in what the server says of the order or the signing. */
export function useChallenge<T>({ confirm, resend, onAnswer, look }: Steps<T>): Challenge {
  const [state, setState] = useState({ busy: false, said: '', answered: 0, resendAt: 0 })
  const under = useRef(false)

  const run = async (deed: () => Promise<T>, told: (error: ApiError) => { said: string; resendAt?: number }) => {
    if (under.current) return
    under.current = true
    setState((was) => ({ ...was, busy: true, said: '' }))
    try {
      const answer = await deed()
      setState((was) => ({ ...was, busy: false, answered: was.answered + 1 }))
      onAnswer(answer)
    } catch (caught) {
      const error = faultOf(caught)
      setState((was) => ({ ...was, ...told(error) }))
      if (error.unsure || error.status === 409) look()
      // Nothing was done, and nothing would be before then: ready again when it is worth a try.
      if (NOTHING_DONE.has(error.code)) await new Promise((over) => setTimeout(over, error.retryAfterMs))
    } finally {
      under.current = false
      setState((was) => ({ ...was, busy: false }))
    }
  }
  return {
    ...state,
    confirm: (challengeId, proof) =>
      void run(
        () => confirm({ challengeId, proof }),
        (error) => ({ said: unanswered(error) }),
      ),
    resend: () => void run(resend, unsent),
  }
}

const NOTHING_DONE = new Set(['too-many-requests', 'overloaded'])

function unanswered(error: ApiError): string {
  if (NOTHING_DONE.has(error.code)) return `${faultSentence(error).title}，${waitWords(error)}后再试`
  if (error.unsure) return '没有收到回应。可以再按一次，同一个验证码不会重复扣款'
  if (error.code === 'challenge-gone') return '这个验证码已经失效'
  return '没有受理，请核对验证码后再试'
}

function unsent(error: ApiError): { said: string; resendAt?: number } {
  if (error.code === 'challenge-gone') return { said: '这个验证码已经失效' }
  if (NOTHING_DONE.has(error.code)) return { said: unanswered(error), resendAt: serverNow() + error.retryAfterMs }
  if (error.status === 429) return { said: '短信刚发过，请稍候', resendAt: serverNow() + error.retryAfterMs }
  return { said: '短信没有发出，请稍后再试' }
}

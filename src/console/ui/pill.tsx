import type { CampaignState } from '@contract'
import { STATE_WORDS } from '../words'

export type Tone = 'ok' | 'wait' | 'quiet' | 'accent'

/** A word with a sign before it, so that it isn't the colour alone that tells. */
export function Pill({ tone, sign, children }: { tone: Tone; sign?: string; children: string }) {
  return (
    <span className={`c-pill c-pill--${tone}`}>
      {sign && <span aria-hidden="true">{sign} </span>}
      {children}
    </span>
  )
}

const LOOKS: Record<CampaignState, [Tone, string]> = {
  draft: ['quiet', '✎'],
  submitted: ['wait', '…'],
  approved: ['wait', '◷'],
  running: ['ok', '▶'],
  paused: ['wait', '❚❚'],
  ended: ['quiet', '■'],
}

export function StatePill({ state }: { state: CampaignState }) {
  const [tone, sign] = LOOKS[state]
  return (
    <Pill tone={tone} sign={sign}>
      {STATE_WORDS[state]}
    </Pill>
  )
}

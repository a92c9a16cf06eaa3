import type { CheckedChain, DaySeal, LinkBreak } from '../ports'
import type { Fault } from './fault'

/** A link that was changed, removed, moved or added; and each day that was given out, beside the same day of the chain. */
export function chainFaults({ breaks, seals }: CheckedChain, given: readonly DaySeal[]): Fault[] {
  const kept = new Map(seals.map((seal) => [seal.date, seal]))
  return [
    ...breaks.map(({ link, fault }) => ({
      code: 'chain-broken' as const,
      subject: `link ${link}`,
      detail: LINK_FAULTS[fault],
    })),
    ...given.flatMap((seal) => {
      const now = kept.get(seal.date)
      if (now && sameSeal(now, seal)) return []
      const is = now ? said(now) : 'gone'
      return [
        {
          code: 'seal-differs' as const,
          subject: `seal of ${seal.date}`,
          detail: `given out as ${said(seal)}, is ${is}`,
        },
      ]
    }),
  ]
}

export function sameSeal(a: DaySeal, b: DaySeal): boolean {
  return a.date === b.date && a.link === b.link && a.at === b.at && a.mac === b.mac
}

const said = ({ link, at, mac }: DaySeal) => `link ${link} of ${at}, ${mac}`

const LINK_FAULTS: Record<LinkBreak['fault'], string> = {
  changed: 'is not what was made after the link before it',
  missing: 'is missing, or more after it',
  'key-unknown': 'was made under a key that is neither MASTER_KEY nor one of MASTER_KEYS_PREVIOUS',
}

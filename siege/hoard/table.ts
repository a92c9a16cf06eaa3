import { plainYuan } from '../../server/domain/money'
import type { Picked } from './pick'
import type { Hoarded } from './simulate'
import type { Rules } from './street'

type HoardRow = Hoarded & { rules: Rules; identities: number; whenLeft: number }

/** Each hoarder's ways, and how many of the honest they starve. */
export function hoardTable(rows: readonly HoardRow[]): string {
  const lines = rows.map((row) => {
    const share = (100 * row.starved) / row.quotes
    const bar = '█'.repeat(Math.round(share / 2))
    const cells = [row.rules, row.identities, row.whenLeft, row.quotes, row.starved, `${share.toFixed(1)} %`]
    return `${[...cells, row.wronged, row.requests].map((cell) => String(cell).padStart(10)).join('')}  ${bar}`
  })
  const head = ['rules', 'identities', 'when left', 'quotes', 'starved', 'share', 'wronged', 'requests']
  return [head.map((cell) => cell.padStart(10)).join(''), ...lines].join('\n')
}

type PickRow = Picked & { rules: Rules; identities: number; wantsFen: number }

/** What picking brings, by what is the least that they pay for. */
export function pickTable(rows: readonly PickRow[]): string {
  const head = ['rules', 'identities', 'wants ¥', 'purchases', 'gain', 'extra ¥']
  const lines = rows.map((row) =>
    [
      row.rules,
      row.identities,
      plainYuan(row.wantsFen),
      row.purchases,
      `${(100 * row.gain).toFixed(1)} %`,
      plainYuan(row.extraFen),
    ]
      .map((cell) => String(cell).padStart(11))
      .join(''),
  )
  return ['', head.map((cell) => cell.padStart(11)).join(''), ...lines].join('\n')
}

import type { PreviewBody } from '@contract'
import { yuanText } from '../../format'
import './deck-dots.scss'

type Rule = PreviewBody['rule']

const WIDTH = 360
const BASE = 92
const RADIUS = 5

/** A deck as dots along its amounts, those that would touch piled up; the promised band is shaded. */
export function DeckDots({ rule, amountsFen }: { rule: Rule; amountsFen: readonly number[] }) {
  const { minFen, maxFen, bandMinFen, bandMaxFen } = rule
  const spanFen = Math.max(1, maxFen - minFen)
  const x = (fen: number) => Math.round(((fen - minFen) / spanFen) * (WIDTH - 4 * RADIUS)) + 2 * RADIUS
  const inBand = amountsFen.filter((fen) => fen >= bandMinFen && fen <= bandMaxFen).length
  const dots = piled(amountsFen, x)
  // a large deck's piles are pressed together rather than cut off
  const step = Math.min(2 * RADIUS + 1, (BASE - RADIUS) / Math.max(1, ...dots.map(({ height }) => height)))
  const words = `${amountsFen.length} 张牌，${inBand} 张在 ${yuanText(bandMinFen)}–${yuanText(bandMaxFen)}`
  return (
    <figure className="dots">
      <svg viewBox={`0 0 ${WIDTH} 116`} role="img" aria-label={words}>
        <rect
          className="dots__band"
          x={x(bandMinFen)}
          y="0"
          width={x(bandMaxFen) - x(bandMinFen)}
          height={BASE + 6}
          rx="4"
        />
        <line className="dots__line" x1="0" x2={WIDTH} y1={BASE + 6} y2={BASE + 6} />
        {dots.map(({ at, height }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a dot is its place
          <circle key={i} className="dots__dot" cx={at} cy={BASE - height * step} r={RADIUS} />
        ))}
        {[minFen, bandMinFen, bandMaxFen, maxFen].map((fen, i) => (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: four fixed places
            key={i}
            className="dots__mark"
            x={x(fen)}
            y="113"
            textAnchor={i === 0 ? 'start' : i === 3 ? 'end' : 'middle'}
          >
            {yuanText(fen).replace('.00', '')}
          </text>
        ))}
      </svg>
      <figcaption className="c-small c-quiet">{words}</figcaption>
    </figure>
  )
}

/** Each dot at its amount; one that would touch another stands above it. */
function piled(amountsFen: readonly number[], x: (fen: number) => number): { at: number; height: number }[] {
  /** by height, where its last dot ends */
  const ends: number[] = []
  return [...amountsFen]
    .sort((a, b) => a - b)
    .map((fen) => {
      const at = x(fen)
      const free = ends.findIndex((end) => end <= at)
      const height = free < 0 ? ends.length : free
      ends[height] = at + 2 * RADIUS
      return { at, height }
    })
}

/** More marks than this no eye can count: then a bar says it. */
const MOST_MARKS = 40

/** A deck as marks: used, held by an order of unknown outcome or a quote, left. The words say the same. */
export function Marks({ total, used, held }: { total: number; used: number; held: number | null }) {
  const words = `共 ${total} 份，已用 ${used} 份${held ? `，预占 ${held} 份` : ''}`
  if (total > MOST_MARKS) return <Bar part={used} whole={total} words={words} />
  const kindOf = (i: number) => (i < used ? 'used' : i < used + (held ?? 0) ? 'held' : 'left')
  return (
    <span className="c-marks" role="img" aria-label={words} title={words}>
      {Array.from({ length: total }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its place
        <span key={i} className={`c-marks__mark c-marks__mark--${kindOf(i)}`} />
      ))}
    </span>
  )
}

/** Part of a whole, e.g. of a budget. */
export function Bar({ part, whole, words }: { part: number; whole: number; words: string }) {
  const percent = whole > 0 ? Math.min(100, Math.round((part / whole) * 100)) : 0
  return (
    <span className="c-bar" role="img" aria-label={words} title={words}>
      <span className="c-bar__part" style={{ width: `${percent}%` }} />
    </span>
  )
}

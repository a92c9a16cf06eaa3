import { Box } from '../../components/base'
import { yuan } from '../../money'
import type { Proof, Revealed } from './check'

/** Rows share this height until there are too many, px. */
const ROW_PX = 14
const TALLEST_PX = 420

/** Every card a dot: across by its amount, down in the order they were handed out. The band is shaded. */
export function Cards({ deck, proof }: { deck: Revealed; proof: Proof }) {
  const { rule, amountsFen } = deck
  const span = Math.max(1, rule.maxFen - rule.minFen)
  const across = (fen: number) => `${Math.min(100, Math.max(0, ((fen - rule.minFen) / span) * 100))}%`
  const rowPx = Math.min(ROW_PX, TALLEST_PX / amountsFen.length)
  const down = (slot: number) => `${slot * rowPx + rowPx / 2}px`
  const heightPx = Math.max(1, amountsFen.length) * rowPx
  const band = { left: across(rule.bandMinFen), right: `calc(100% - ${across(rule.bandMaxFen)})` }
  const differs = [...proof.shouldBeFen]
  return (
    <Box className="cards" role="img" label={label(deck, proof)}>
      <Box className="cards__plot" style={{ height: `${heightPx}px` }}>
        <Box className="cards__band" style={band} />
        {amountsFen.map((fen, slot) => (
          <Box
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its number
            key={slot}
            className={`cards__dot ${proof.shouldBeFen.has(slot) ? 'cards__dot--wrong' : ''}`}
            style={{ left: across(fen), top: down(slot) }}
          />
        ))}
        {differs.map(
          ([slot, fen]) =>
            fen !== null && (
              <Box key={slot} className="cards__dot cards__dot--due" style={{ left: across(fen), top: down(slot) }} />
            ),
        )}
      </Box>
      <Box className="cards__axis">
        <Box>{`¥${yuan(rule.minFen)}`}</Box>
        <Box>{`¥${yuan(rule.maxFen)}`}</Box>
      </Box>
      <Box className="cards__key">
        {`自上而下为发放次序；底色为 ¥${yuan(rule.bandMinFen)}–¥${yuan(rule.bandMaxFen)} 区间${differs.length > 0 ? '；实心红点是公布的，空心圈是应有的' : ''}`}
      </Box>
    </Box>
  )
}

function label({ amountsFen }: Revealed, proof: Proof): string {
  const differing = proof.shouldBeFen.size > 0 ? `，其中 ${proof.shouldBeFen.size} 份与种子不符` : ''
  return `${amountsFen.length} 份优惠${differing}：${amountsFen.map(yuan).join('、')} 元`
}

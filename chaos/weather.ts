import type { FaultInput } from '../server/sandbox/bank/faults'
import { type Rng, rng } from './random'

/** What the bank does wrong, a few requests of each moment; the next moment's faults replace what wasn't struck. */
export const MOMENT_MS = 300
/** The weather changes every ten seconds. */
const SPELL_MOMENTS = 33

/** Every code ends an order for good (docs/bank-channel.md); one of no contract would leave it to people. */
const DECLINES = ['insufficient-funds', 'account-frozen', 'bank-limit-exceeded']

/**
 * The faults of a moment. Fair one spell in five; a storm one in twenty, which opens the breakers; else a fault here and there,
 * about one pay in ten at a busy counter: with more, breakers would be open all day and nothing else would be tried.
 */
export function weather(seed: string, moment: number): FaultInput[] {
  const spell = rng(seed, 'spell', Math.floor(moment / SPELL_MOMENTS)).below(20)
  if (spell < 4) return []
  const draw = rng(seed, 'weather', moment)
  if (spell === 19) return [{ ...payFault(draw), on: ['pay'], times: draw.between(1, 8) } as FaultInput]
  const faults: FaultInput[] = []
  if (draw.chance(40)) faults.push({ ...payFault(draw), on: ['pay'], times: 1 } as FaultInput)
  if (draw.chance(20))
    faults.push({ ...wireFault(draw), on: ['query', 'close', 'query-refund'], times: 1 } as FaultInput)
  if (draw.chance(25)) faults.push({ ...refundFault(draw), on: ['refund'], times: 1 } as FaultInput)
  if (draw.chance(5)) faults.push({ ...wireFault(draw), on: ['easy'], times: 1 } as FaultInput)
  return faults
}

/** Longer than the channel's deadline one time in two (world.ts). */
const SLOW_MS = { least: 200, most: 3_800 }

function wireFault(draw: Rng): FaultInput {
  switch (draw.below(7)) {
    case 0:
      return { mode: 'slow', delayMs: draw.between(SLOW_MS.least, SLOW_MS.most) }
    case 1:
      return { mode: 'lose-request' }
    case 2:
      return { mode: 'lose-reply' }
    case 3:
      return { mode: 'error-before', status: 502 }
    case 4:
      return { mode: 'error-after', status: 504 }
    case 5:
      return { mode: 'bad-signature' }
    default:
      return { mode: 'garbage' }
  }
}

function payFault(draw: Rng): FaultInput {
  switch (draw.below(10)) {
    case 0:
      return { mode: 'pending', pendingQueries: draw.between(1, 2) }
    case 1:
    case 2:
      return { mode: 'decline', code: draw.pick(DECLINES) }
    default:
      return wireFault(draw)
  }
}

function refundFault(draw: Rng): FaultInput {
  switch (draw.below(8)) {
    case 0:
      return { mode: 'pending', pendingQueries: draw.between(1, 2) }
    case 1:
      return { mode: 'decline', code: 'insufficient-merchant-funds' }
    default:
      return wireFault(draw)
  }
}

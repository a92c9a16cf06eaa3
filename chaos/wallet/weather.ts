import type { Wallet } from '../../server/domain/channel'
import { type Rng, rng } from '../random'
import type { WalletFault, WalletHand, WalletWays } from './hands'

/** What a wallet does wrong in a moment, and how it tells of what it did. */
export interface WalletWeather {
  faults: WalletFault[]
  ways: WalletWays
  notices: Parameters<WalletHand['notices']>[0]
}

export const FAIR: WalletWeather = {
  faults: [],
  ways: { payment: 0, refund: 0, refundsFail: false },
  notices: { times: 1, delayMs: 0, retries: 3 },
}

/** As the bank's: spells of ten seconds, of which one in five is fair and one in twenty a storm. */
const SPELL_MOMENTS = 33
/** Longer than the channel's deadline one time in two (world.ts). */
const SLOW_MS = { least: 200, most: 3_800 }

export function walletWeather(seed: string, name: Wallet, moment: number): WalletWeather {
  const spell = rng(seed, 'spell', name, Math.floor(moment / SPELL_MOMENTS)).below(20)
  const draw = rng(seed, 'weather', name, moment)
  // Late enough to meet the queries, twice, and lost: nobody promised one.
  const notices = { times: draw.below(3), delayMs: draw.below(5) * 200, retries: 3 }
  if (spell < 4) return { ...FAIR, notices }
  if (spell === 19)
    return { ...FAIR, notices, faults: [{ ...wireFault(draw), on: ['pay'], times: draw.between(1, 8) }] }
  const faults: WalletFault[] = []
  if (draw.chance(30)) faults.push({ ...wireFault(draw), on: ['pay'], times: 1 })
  if (draw.chance(20)) faults.push({ ...wireFault(draw), on: ['query'], times: 1 })
  if (draw.chance(30)) faults.push({ ...closeFault(draw), on: ['close'], times: 1 })
  if (draw.chance(25)) faults.push({ ...wireFault(draw), on: ['refund'], times: 1 })
  if (draw.chance(10)) faults.push({ ...wireFault(draw), on: ['query-refund'], times: 1 })
  // What is slow is seen when it was asked about once.
  const ways = { payment: draw.below(2), refund: draw.below(2), refundsFail: draw.chance(5) }
  return { faults, ways, notices }
}

type Fault = Omit<WalletFault, 'on' | 'times'> & WalletFault

function wireFault(draw: Rng): Fault {
  const mode = draw.pick([
    'slow',
    'lose-request',
    'lose-reply',
    'error-before',
    'error-after',
    'bad-signature',
    'garbage',
    'busy',
  ] as const)
  return (mode === 'slow' ? { mode, delayMs: draw.between(SLOW_MS.least, SLOW_MS.most) } : { mode }) as Fault
}

function closeFault(draw: Rng): Fault {
  return draw.chance(40) ? ({ mode: 'paid-meanwhile' } as Fault) : wireFault(draw)
}

import type { progressBar } from '../scripts/progress-bar'
import { pause } from './attack'
import type { Attackers } from './attackers'
import { figuresOf } from './figures'
import type { House } from './house'
import { peakMb } from './memory'
import type { Options } from './options'
import type { Crowd, Visit } from './payers'
import { answered, type Phase } from './report'

export interface Siege {
  options: Options
  house: House
  crowd: Crowd
  attackers: Attackers
  /** the house's process */
  pid: number
  phases: Phase[]
  /** the visits of both calms */
  calm: Visit[]
  bar: ReturnType<typeof progressBar>
}

/** A calm, each attack, all together until there were as many requests as were asked for, and a calm. */
export async function attackedInTurn(siege: Siege, until: number): Promise<void> {
  const { options, house, phases } = siege
  const { attacks, requests, requestsAlone, seconds } = options
  const { honest, small, large } = house.merchants
  await phase(siege, 'calm', [], seconds.calm)
  for (const name of attacks) {
    siege.crowd.goTo(name === 'hoarders' ? small : name === 'more-hoarders' ? large : honest)
    await phase(siege, name, [name], seconds.alone, requestsAlone)
  }
  siege.crowd.goTo(honest)
  const left = requests === undefined ? undefined : Math.max(1, requests - answered(phases))
  const most = left === undefined ? seconds.together : (until - Date.now()) / 1_000
  if (attacks.length > 1 || left !== undefined) await phase(siege, 'together', attacks, Math.max(1, most), left)
  await phase(siege, 'calm after', [], seconds.calm)
}

async function phase(
  siege: Siege,
  name: string,
  attacks: readonly string[],
  seconds: number,
  requests?: number,
): Promise<void> {
  const { house, crowd, attackers, bar, pid, options } = siege
  // So that each is told apart.
  await pause(options.seconds.rest * 1_000)
  peakMb(pid)
  const from = Date.now()
  let soFar = 0
  const show = () => {
    if (requests === undefined) bar.show(name, Math.min(seconds, Math.round((Date.now() - from) / 1_000)), seconds)
    else bar.show(name, Math.min(requests, soFar), requests)
  }
  const onNews = (so: number) => {
    soFar = so
  }
  const timer = setInterval(show, 500)
  const tallies = attacks.length === 0 ? {} : await attackers.attack(attacks, seconds * 1_000, requests, onNews)
  if (attacks.length === 0) await pause(seconds * 1_000)
  clearInterval(timer)
  const to = Date.now()
  await Promise.race([crowd.left(to), house.system.bff().ended])
  const visits = crowd.visits.filter(({ beganAt }) => beganAt >= from && beganAt < to)
  const memoryMb = peakMb(pid)
  const honest = figuresOf(visits)
  siege.phases.push({ name, attacks, seconds: (to - from) / 1_000, honest, tallies, memoryMb })
  bar.end()
  console.error(`siege: ${name}: ${honest.paid} of ${honest.payments} paid, p99 ${honest.p99.toFixed(0)} ms`)
  if (attacks.length === 0) siege.calm.push(...visits)
}

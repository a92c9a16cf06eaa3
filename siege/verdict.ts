import type { Attack } from './attack'
import { ATTACKS } from './attacks'
import type { Result } from './report'
import type { Tally } from './tally'

/** What a siege may do at the most, and what was broken of it. */
export const BOUNDS = { slower: 3, memoryMb: 1_024 }

/** Of so many payments a share is judged; of fewer, as in the short form, it is told. */
const ENOUGH = 60

/** One sentence for each bound that was broken; none: the house stood. */
export function broken(result: Result, timed: boolean): string[] {
  const { phases, calm, audit, listeners, operators, alive } = result
  const reasons = phases.flatMap((phase) => {
    const { name, honest, memoryMb, tallies } = phase
    const kept = Object.entries(honest.kept).map(([why, count]) => `${count} × ${why}`)
    const { slower = BOUNDS.slower, starvesPercent = 101 } = known(phase.attacks) ?? {}
    return [
      timed && honest.payments === 0 && 'nobody came to pay',
      honest.paid < honest.payments &&
        `${honest.payments - honest.paid} of ${honest.payments} payments failed: ${kept.join(', ')}`,
      timed &&
        honest.p99 >= slower * calm.p99 &&
        `p99 ${honest.p99.toFixed(0)} ms is ${(honest.p99 / calm.p99).toFixed(1)} times the calm’s; at most ${slower}`,
      // One of twenty is no share of anything.
      honest.payments >= ENOUGH &&
        honest.starvedPercent >= starvesPercent &&
        `${honest.starvedPercent.toFixed(0)} % of honest quotes found no card left; less than ${starvesPercent}`,
      (memoryMb ?? 0) >= BOUNDS.memoryMb && `${memoryMb!.toFixed(0)} MB of memory; less than ${BOUNDS.memoryMb}`,
      ...Object.entries(tallies).flatMap(([attack, tally]) => faultsOf(attack, tally)),
    ].flatMap((reason) => (reason === false ? [] : [`${name}: ${reason}`]))
  })
  const unheard = listeners.paid - listeners.heard
  return [
    ...reasons,
    ...nothingTried(calm),
    ...(alive ? [] : ['the house’s process has ended']),
    ...(unheard > 0 ? [`${unheard} of ${listeners.paid} orders were never heard of by the merchants that listen`] : []),
    ...(timed ? operators.shutOut.map((last) => `an operator could not log in for a minute: ${last}`) : []),
    ...(operators.logIns === 0 ? ['no operator could log in at all'] : []),
    ...(audit.clean ? [] : [`the audit isn’t clean: ${audit.text}`]),
  ]
}

/** What attacks do to payments and discounts is seen only of a house that gives some while nobody attacks it. */
function nothingTried({ paid, cardsPercent, reasons }: Result['calm']): string[] {
  if (paid === 0) return ['calm: nobody paid, so nothing was tried']
  if (cardsPercent > 0) return []
  const why = Object.entries(reasons).map(([reason, times]) => `${times} × ${reason}`)
  return [`calm: nobody who paid had a card, so nothing was tried of discounts: ${why.join(', ')}`]
}

function faultsOf(attack: string, { faults, samples, sent }: Tally): (string | false)[] {
  return [
    sent === 0 && `${attack} has sent nothing`,
    faults > 0 && `${faults} answers to ${attack} were 5xx that told nobody when to come back: ${samples[0]}`,
  ]
}

/** The attack that is alone; all of them together are strangers’ as well. */
function known(attacks: readonly string[]): Attack | undefined {
  return attacks.length === 1 ? ATTACKS.find(({ name }) => name === attacks[0]) : undefined
}

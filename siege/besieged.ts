import { seeded } from '../harness/hostile'
import { progressBar } from '../scripts/progress-bar'
import { businessDate } from '../server/domain/business-date'
import { armed } from './arms'
import { pause } from './attack'
import { startAttackers } from './attackers'
import { audited } from './audited'
import { figuresOf } from './figures'
import type { House } from './house'
import { type Listeners, listeners } from './listeners'
import { honestOperator, summed } from './operator'
import type { Options } from './options'
import { type Crowd, honestPayers } from './payers'
import { attackedInTurn, type Siege } from './phases'
import type { Result } from './report'

const LISTENING = 10

/** People pay, listen and work while the house is attacked; tells what became of all of them, and of the books. */
export async function besieged(options: Options, house: House): Promise<Result> {
  const { system, merchants, password } = house
  const until = Date.now() + options.minutes * 60_000
  const seed = Number.parseInt(options.seed.replace(/[^0-9a-f]/g, '').slice(0, 7) || '0', 16)
  const attackers = await startAttackers(await armed(house, businessDate(Date.now())), { seed, timed: options.timed })
  const crowd = honestPayers(system.url(), options.payers, seeded(seed))
  const ears = await listeners(system.url(), merchants.honest.slice(0, LISTENING))
  const people = (['checker', 'admin'] as const).map((name) => honestOperator(system.url(), name, password))
  const bar = progressBar(process.stderr)
  const pid = system.bff().process.pid!
  const siege: Siege = { options, house, crowd, attackers, pid, phases: [], calm: [], bar }
  try {
    crowd.goTo(merchants.honest)
    // What a fresh process does slowly once is nobody's calm.
    await pause(options.seconds.warm * 1_000)
    await attackedInTurn(siege, until)
    const { exitCode, signalCode } = system.bff().process
    await crowd.stop()
    const heard = await heardOf(crowd, ears)
    const lost = ears.lost()
    ears.stop()
    const works = people.map(({ work }) => work)
    await Promise.all(people.map((one) => one.stop()))
    await system.bff().stop()
    return {
      phases: siege.phases,
      calm: figuresOf(siege.calm),
      listeners: { ...heard, lost },
      operators: summed(works),
      alive: exitCode === null && signalCode === null,
      audit: await audited(house),
    }
  } finally {
    bar.end()
    ears.stop()
    await Promise.all([crowd.stop(), attackers.stop(), ...people.map((one) => one.stop())])
  }
}

/** What is paid is told within a second; a machine that is behind gets ten. */
async function heardOf(
  { visits }: Crowd,
  { merchantCodes, heard }: Listeners,
): Promise<{ paid: number; heard: number }> {
  const paid = visits.filter((one) => one.paid && merchantCodes.has(one.merchantCode)).map(({ orderNo }) => orderNo)
  const unheard = () => paid.filter((orderNo) => !heard.has(orderNo)).length
  for (let left = 100; left > 0 && unheard() > 0; left--) await pause(100)
  return { paid: paid.length, heard: paid.length - unheard() }
}

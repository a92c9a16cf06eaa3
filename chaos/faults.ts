import type { Outages } from './outages'
import { pause } from './part'
import type { Act, PartName } from './schedule'
import type { Told } from './told'
import type { Verdict } from './verdict'
import type { WalletPart } from './wallet/parts'
import { FAIR, walletWeather } from './wallet/weather'
import { MOMENT_MS, weather } from './weather'
import type { World } from './world'

export interface FaultRun {
  /** resolves when every act is over and every part serves again */
  done: Promise<void>
  /** acts that are over */
  acted(): number
  stop(): Promise<void>
}

export interface FaultOptions {
  world: World
  outages: Outages
  verdict: Verdict
  told: Told
  seed: string
  acts: readonly Act[]
}

/** Carries the schedule out. A part has one thing done to it at a time, and an act on it waits until the one before is over. */
export function runFaults(options: FaultOptions): FaultRun {
  const began = Date.now()
  let acted = 0
  const tails = new Map<PartName, Promise<void>>()
  for (const act of options.acts) {
    const before = tails.get(act.part) ?? Promise.resolve()
    tails.set(
      act.part,
      before.then(async () => {
        await pause(Math.max(0, began + act.atMs - Date.now()))
        await carryOut(options, act)
        acted++
      }),
    )
  }
  const { world, seed } = options
  const bank = (moment: number) => Promise.all([world.bank.faults(...weather(seed, moment)), notices(world, moment)])
  const skies = [
    runWeather(bank, () => world.bank.clearFaults()),
    ...world.wallets.map((wallet) => walletSky(wallet, seed)),
  ]
  return {
    done: Promise.all(tails.values()).then(() => {}),
    acted: () => acted,
    stop: async () => void (await Promise.all(skies.map((sky) => sky.stop()))),
  }
}

async function carryOut({ world, outages, verdict, told }: FaultOptions, act: Act): Promise<void> {
  const part = world.parts.get(act.part)!
  verdict.look('LIFE', 'nothing ends that nobody killed', part.alive() ? undefined : act.part)
  const over = outages.begin(act.part, act.does)
  switch (act.does) {
    case 'kill':
      await part.kill()
      await pause(act.downMs)
      await part.start(act.back)
      told.count(`killed ${act.part}${act.part === 'redis' ? `, back ${act.back}` : ''}`)
      break
    case 'pause':
      part.pause()
      await pause(act.downMs)
      part.resume()
      told.count(`paused ${act.part}`)
      break
    case 'flush':
      await world.redis?.flush()
      told.count('flushed redis')
      break
    default:
      act satisfies never
  }
  over()
}

function walletSky({ name, hand }: WalletPart, seed: string) {
  const as = ({ faults, ways, notices }: typeof FAIR) =>
    Promise.all([hand.faults(faults), hand.ways(ways), hand.notices(notices)])
  return runWeather(
    (moment) => as(walletWeather(seed, name, moment)),
    () => as(FAIR),
  )
}

/** Tells a channel what to do wrong, moment by moment. One that is away has no faults but that. */
function runWeather(
  tell: (moment: number) => Promise<unknown>,
  clear: () => Promise<unknown>,
): { stop(): Promise<void> } {
  let stopped = false
  const began = Date.now()
  const loop = async () => {
    for (let moment = 0; !stopped; moment++) {
      await pause(Math.max(0, began + moment * MOMENT_MS - Date.now()))
      if (stopped) break
      await Promise.race([tell(moment).catch(() => {}), pause(2 * MOMENT_MS)])
    }
  }
  const running = loop()
  return {
    async stop() {
      stopped = true
      await running
      for (let left = 20; ; left--)
        try {
          return void (await clear())
        } catch (error) {
          if (left === 0) throw error
          await pause(MOMENT_MS)
        }
    },
  }
}

/** The bank's notices go to each BFF in turn, twice, and late enough to meet the queries. */
function notices(world: World, moment: number): Promise<void> {
  const url = `${world.urls[moment % world.urls.length]}/channel/bank/notify`
  return world.bank.notices({ url, times: 1 + (moment % 2), delayMs: (moment % 5) * 200 })
}

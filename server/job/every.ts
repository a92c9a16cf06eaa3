import type { Logger } from 'pino'
import { watchJob } from '../sight/jobs'
import { kindOf, seldom } from '../sight/seldom'
import { tracedJob } from '../sight/traces'

/** The process is to stop, and what was begun is left to another. */
export class HandedOver extends Error {
  override name = 'HandedOver'
}

/**
 * Runs a job again and again, one run at a time: `pauseMs` after the last one ended, or at once while it reports that more
 * is waiting. A failing run is logged, once a minute of the same, and the next one comes as usual. Each has a number of its own in the log. `stop` waits for the run under way; one that may take long asks
 * `goOn` between its steps, which ends it by {@link HandedOver} when it is to stop: what it holds it lets go as after any other error.
 */
export function every(
  name: string,
  pauseMs: number,
  log: Logger,
  run: (goOn: () => void) => Promise<'more' | 'done'>,
): { stop(): Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const goOn = () => {
    if (stopped) throw new HandedOver(`${name} is left to another process`)
  }
  const told = watchJob(name)
  const turn = async () => {
    const began = performance.now()
    const tell = (outcome: Parameters<typeof told>[0]) => told(outcome, (performance.now() - began) / 1_000)
    try {
      const more = (await run(goOn)) === 'more'
      tell('done')
      return more
    } catch (error) {
      tell(error instanceof HandedOver ? 'handed-over' : 'failed')
      if (error instanceof HandedOver) log.info({ job: name }, 'job handed over')
      else seldom(log).say('warn', `${name} ${kindOf(error)}`, { err: error, job: name }, 'job failed')
      return false
    }
  }
  const begin = () => {
    running = tracedJob(name, turn).then((more) => {
      if (!stopped) timer = setTimeout(begin, more ? 0 : pauseMs)
    })
  }
  begin()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

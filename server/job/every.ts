import type { Logger } from 'pino'

/** The process is to stop, and what was begun is left to another. */
export class HandedOver extends Error {
  override name = 'HandedOver'
}

/**
 * Runs a job again and again, one run at a time: `pauseMs` after the last one ended, or at once while it reports that more
 * is waiting. A failing run is logged and the next one comes as usual. `stop` waits for the run under way; one that may take long asks
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
  const turn = async () => {
    let more = false
    try {
      more = (await run(goOn)) === 'more'
    } catch (error) {
      if (error instanceof HandedOver) log.info({ job: name }, 'job handed over')
      else log.warn({ err: error, job: name }, 'job failed')
    }
    if (!stopped) timer = setTimeout(begin, more ? 0 : pauseMs)
  }
  const begin = () => {
    running = turn()
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

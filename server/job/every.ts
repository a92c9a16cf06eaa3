import type { Logger } from 'pino'

/**
 * Runs a job again and again, one run at a time: `pauseMs` after the last one ended, or at once while it reports that more
 * is waiting. A failing run is logged and the next one comes as usual. `stop` waits for the run under way.
 */
export function every(
  name: string,
  pauseMs: number,
  log: Logger,
  run: () => Promise<'more' | 'done'>,
): { stop(): Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const turn = async () => {
    let more = false
    try {
      more = (await run()) === 'more'
    } catch (error) {
      log.warn({ err: error, job: name }, 'job failed')
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

import type { Logger } from 'pino'
import { sentenceOf } from './sentence'

/** How this process is told to end, from its first moment on: as the first one of a container nobody else would. */
export interface Life {
  /** From now on being told to end is `stop`, and the end after so long, whatever is still under way. */
  serves(stop: () => Promise<void>, withinMs: number, log: Logger): void
}

/**
 * SIGTERM, Ctrl-C, or the end of `npm start` that began us. While it still starts, nothing is under way that the next start wouldn't find,
 * so it ends at once. Told twice, as by a supervisor and by npm, it is told once.
 */
export function lifeOf(child: NodeJS.Process): Life {
  let serving: { stop: () => Promise<void>; withinMs: number; log: Logger } | undefined
  let told = false
  const end = async () => {
    if (told) return
    told = true
    if (!serving) return child.exit(0)
    const { stop, withinMs, log } = serving
    // Payments under way are found by the next start, or by another process now: nothing of them is here alone.
    const late = setTimeout(() => {
      log.warn({ withinMs }, 'stopped with requests or jobs under way')
      child.exit(0)
    }, withinMs)
    const code = await stop().then(
      () => 0,
      (error) => {
        log.error({ err: error }, 'stopped in trouble')
        return 1
      },
    )
    clearTimeout(late)
    child.exit(code)
  }
  child.on('SIGTERM', end)
  // Ctrl-C reaches parent and children at once; as a child we wait for our parent, who stops us in the right order.
  child.on('SIGINT', () => child.connected || end())
  // Started by `npm start`, which is gone: never outlive it.
  child.on('disconnect', end)
  return {
    serves(stop, withinMs, log) {
      serving = { stop, withinMs, log }
    },
  }
}

/** Says why it couldn't start, and ends with exit code 1. */
export function failed(child: NodeJS.Process, error: unknown): void {
  const sentence = sentenceOf(error)
  console.error(sentence ?? error)
  const end = () => child.exit(1)
  if (!child.send) end()
  else child.send({ kind: 'failed', message: sentence ?? String((error as Error | undefined)?.message ?? error) }, end)
}

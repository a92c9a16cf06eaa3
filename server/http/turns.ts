import { availableParallelism } from 'node:os'
import { WorkRefused } from '../flow/ports'

/** Whose turn it is. The turn ends with what is returned, or by itself when it has lasted too long. */
export type Turns = (owner: string, signal: AbortSignal) => Promise<() => void>

interface Waiting {
  owner: string
  begin(): void
}

/** On two cores one: the database works for them as well, and the other core is the payers'. */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1))
/** In a storm of them a turn is followed by as long a rest, which is the payers', and by no longer one than this. */
const REST_MS = 1_000

/**
 * Operators' dear requests wait for one another and not for payments (I14): so many at once in all, which leaves the desk's
 * other connections to log-ins, lists and the brake, and of each operator one, from however many tabs and sessions.
 * `turnMs`: whoever reads a file that slowly costs nothing more, and keeps nobody waiting. `restMs`: the longest rest after a turn.
 * The turns' promises reject with WorkRefused: when so many wait already, all or the owner's; after `waitMs`; and once the
 * signal is aborted.
 */
export function turns({
  atOnce = AT_ONCE,
  mostWaiting = 24,
  mostOfOne = 6,
  waitMs = 30_000,
  turnMs = 60_000,
  restMs = REST_MS,
} = {}): Turns {
  const waiting: Waiting[] = []
  const running = new Map<string, object>()
  let resting = 0

  function next(): void {
    if (running.size + resting >= atOnce) return
    const at = waiting.findIndex(({ owner }) => !running.has(owner))
    if (at < 0) return
    waiting.splice(at, 1)[0]!.begin()
    next()
  }

  /** Nobody who is alone waits for it. */
  function rest(tookMs: number): void {
    const ms = waiting.length === 0 ? 0 : Math.min(tookMs, restMs)
    if (ms === 0) return void next()
    resting++
    setTimeout(() => {
      resting--
      next()
    }, ms).unref()
  }

  function begun(owner: string): () => void {
    const turn = {}
    const from = performance.now()
    const leave = () => {
      clearTimeout(late)
      if (running.get(owner) !== turn) return
      running.delete(owner)
      rest(performance.now() - from)
    }
    const late = setTimeout(leave, turnMs)
    late.unref()
    running.set(owner, turn)
    return leave
  }

  return (owner, signal) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= mostWaiting || waiting.filter((one) => one.owner === owner).length >= mostOfOne)
        throw new WorkRefused('too much waits already')
      const over = AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
      const give = () => {
        const at = waiting.indexOf(one)
        if (at < 0) return
        waiting.splice(at, 1)
        reject(new WorkRefused(signal.aborted ? 'nobody waits for it' : 'its turn did not come'))
      }
      const one: Waiting = {
        owner,
        begin() {
          over.removeEventListener('abort', give)
          resolve(begun(owner))
        },
      }
      waiting.push(one)
      over.addEventListener('abort', give)
      if (over.aborted) give()
      else next()
    })
}

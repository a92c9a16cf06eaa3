import { availableParallelism } from 'node:os'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Work, WorkRefused } from '../flow/ports'

export interface WorkPool extends Work {
  stop(): Promise<void>
}

/** A core stays with the event loop. */
const THREADS = Math.max(1, Math.min(4, availableParallelism() - 1))
/** Pieces that may wait: all, and one owner's, so that nobody alone keeps the others out. */
const WAITING = { all: 16, own: 3 }
/** A hundred thousand lines take a second, a year's forecast less. */
const LIMIT_MS = 60_000
const HEAP_MB = 512

/**
 * How far a thread lets others go first, as of nice(2): 10 is a tenth of what another who wants the same core gets, 7 a fifth. A log-in's
 * quarter of a second would be eight on a machine that has too much to do.
 */
const NICE = 10
export const LITTLE_NICE = 7

const FILE = join(__dirname, `thread${extname(__filename)}`)

/** From sources as well as compiled: then the thread reads TypeScript, if it can't yet by what its process preloads. */
function threadOf(file: string, nice: number): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB }, workerData: { nice } }
  if (!file.endsWith('.ts')) return new Worker(file, options)
  const [tsx, task] = [require.resolve('tsx/cjs'), file].map((path) => `require(${JSON.stringify(path)})`)
  const text = `require.extensions['.ts'] ?? ${tsx}\n${task}`
  return new Worker(text, { ...options, eval: true })
}

type Result = { value: unknown } | { error: unknown }

interface Piece {
  message: { task: string; input: unknown }
  owner: string
  end(result: Result): void
}

/** Pieces of a file that are a buffer's whole: what of eight megabytes isn't copied, no payment waits for. */
function handedOver(input: unknown): ArrayBuffer[] {
  if (!Array.isArray(input)) return []
  return input.flatMap((one) =>
    one instanceof Uint8Array && one.buffer instanceof ArrayBuffer && one.byteLength === one.buffer.byteLength
      ? [one.buffer]
      : [],
  )
}

/** Threads that are started when first needed and kept. A piece that is cancelled while it runs takes its thread along. */
export function workPool({ threads = THREADS, limitMs = LIMIT_MS, file = FILE, nice = NICE } = {}): WorkPool {
  const waiting: Piece[] = []
  const running = new Map<Worker, Piece>()
  const idle = new Set<Worker>()

  function next(): void {
    const busy = new Set([...running.values()].map((piece) => piece.owner))
    const at = waiting.findIndex((piece) => !busy.has(piece.owner))
    if (at < 0 || running.size >= threads) return
    const [piece] = waiting.splice(at, 1) as [Piece]
    const [thread = start()] = idle
    idle.delete(thread)
    running.set(thread, piece)
    thread.ref()
    thread.postMessage(piece.message, handedOver(piece.message.input))
    next()
  }

  function start(): Worker {
    const thread = threadOf(file, nice)
    const ended = (result: Result, kept: boolean) => {
      const piece = running.get(thread)
      running.delete(thread)
      // an idle thread keeps no process alive
      thread.unref()
      if (kept) idle.add(thread)
      else idle.delete(thread)
      piece?.end(result)
      next()
    }
    thread.on('message', (result: Result) => ended(result, true))
    thread.once('error', (error) => ended({ error }, false))
    thread.once('exit', () => ended({ error: new WorkRefused('its thread ended') }, false))
    return thread
  }

  function drop(piece: Piece): void {
    const at = waiting.indexOf(piece)
    if (at >= 0) waiting.splice(at, 1)
    for (const [thread, one] of running) if (one === piece) void thread.terminate()
  }

  return {
    run: ({ name }, input, { owner, signal }) =>
      new Promise((resolve, reject) => {
        const own = waiting.filter((piece) => piece.owner === owner).length
        if (waiting.length >= WAITING.all || own >= WAITING.own) throw new WorkRefused('too much waits already')
        const over = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])])
        const cancel = () => {
          drop(piece)
          piece.end({ error: new WorkRefused(signal?.aborted ? 'nobody waits for it' : 'it took too long') })
        }
        const end = (result: Result) => {
          over.removeEventListener('abort', cancel)
          if ('value' in result) resolve(result.value as never)
          else reject(result.error)
        }
        const piece: Piece = { message: { task: name, input }, owner, end }
        over.addEventListener('abort', cancel)
        waiting.push(piece)
        if (over.aborted) cancel()
        else next()
      }),
    async stop() {
      for (const piece of waiting.splice(0)) piece.end({ error: new WorkRefused('the server stops') })
      await Promise.all([...idle, ...running.keys()].map((thread) => thread.terminate()))
    },
  }
}

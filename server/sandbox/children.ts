import { type ChildProcess, fork } from 'node:child_process'

/** A process of the sandbox that has said it listens. */
export interface Child<T> {
  process: ChildProcess
  /** what it said: where it listens */
  said: T
  /** resolves with the exit code, however it ends; null when a signal ended it */
  ended: Promise<number | null>
  /** asks it to stop, and makes it after a while */
  stop(): Promise<void>
}

/** It couldn't start, and has said why on its standard error, which is ours. */
export class ChildFailed extends Error {
  override name = 'ChildFailed'
}

/** Far longer than a request under way may take at the bank: one that is killed on a slow machine has not closed its stores. */
const STOP_TIMEOUT_MS = 30_000

/**
 * Forks a module and waits until it has sent `{kind: 'listening', …}`. The children end with us: each stops when its
 * channel to us closes, so not even a kill -9 leaves one behind. `secret` is sent to it over that channel, since arguments
 * and environment can be read by others on the machine.
 * @throws ChildFailed with the child's own message when it fails to start
 */
export async function forkChild<T>(
  module: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; stderr?: 'inherit' | 'ignore' | number; secret?: unknown } = {},
): Promise<Child<T>> {
  const child = fork(module, args, {
    env: options.env,
    stdio: ['ignore', 'ignore', options.stderr ?? 'inherit', 'ipc'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  if (options.secret !== undefined) child.send(options.secret as object)
  const said = await new Promise<T>((resolve, reject) => {
    child.on('message', (message: { kind?: string; message?: string }) => {
      if (message.kind === 'listening') resolve(message as T)
      if (message.kind === 'failed') reject(new ChildFailed(message.message))
    })
    child.once('error', reject)
    ended.then((code) => reject(new Error(`${module} ended before it listened (exit ${code})`)))
  })
  return {
    process: child,
    said,
    ended,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

import { execFileSync, spawn } from 'node:child_process'
import type { Child } from '../server/sandbox/children'
import type { Comeback } from './schedule'

/** One process, or one server with its processes, that faults are done to. */
export interface Part {
  /** SIGKILL; resolves when nothing of it is left */
  kill(): Promise<void>
  /** starts it again where it was, and waits until it serves */
  start(back: Comeback): Promise<void>
  /** SIGSTOP: it holds its connections and does nothing */
  pause(): void
  resume(): void
  /** false when it ended although nobody killed it */
  alive(): boolean
}

/** Kills the process when ours ends, however it does; a stopped one would not notice by itself. Call the result to let go. */
export function tether(pid: number): () => void {
  const watcher = spawn('sh', ['-c', 'read -r _; kill -9 "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.unref()
  return () => void watcher.kill('SIGKILL')
}

/** Sends a signal; a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export function childrenOf(pid: number): number[] {
  try {
    const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    return listed.trim().split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return [] // ps says so with its exit code when there are none
  }
}

/** A forked process as a part; `fork` starts it anew. */
export async function forked<T>(fork: () => Promise<Child<T>>) {
  let child = await fork()
  let untie = tether(child.process.pid!)
  const pid = () => child.process.pid!
  const part: Part = {
    async kill() {
      untie()
      signal(pid(), 'SIGKILL')
      await child.ended
    },
    async start() {
      child = await fork()
      untie = tether(pid())
    },
    pause: () => signal(pid(), 'SIGSTOP'),
    resume: () => signal(pid(), 'SIGCONT'),
    alive: () => child.process.exitCode === null && child.process.signalCode === null && runs(pid()),
  }
  const stop = async () => {
    signal(pid(), 'SIGCONT')
    await child.stop()
    untie()
  }
  return { part, child: () => child, stop }
}

/** Asks again until it is true. @throws Error naming what was waited for */
export async function until(what: string, ask: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await ask()); await pause(25))
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

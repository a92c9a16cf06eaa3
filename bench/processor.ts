import { readdirSync, readFileSync } from 'node:fs'

/** User and system time of processes, by Linux's own account of them. */

/** Of a second. */
const TICKS = 100
/** In /proc/PID/stat, behind the name, which may hold anything: the parent; ticks of the process, and of its children that have ended. */
const PARENT = 1
const USED = [11, 12, 13, 14]

function fieldsOf(pid: number): number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
  } catch {
    // it has ended meanwhile
    return undefined
  }
}

/** Whose child it is. @throws where there is no such process, or no /proc */
export function parentOf(pid: number): number {
  const fields = fieldsOf(pid)
  if (!fields) throw new Error(`no process ${pid} in /proc`)
  return fields[PARENT]!
}

/** What a process and its children have used so far, µs, those that have ended included. */
export function usedBy(pid: number): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const own = all.map((name) => fieldsOf(Number(name))).filter((fields) => fields?.[PARENT] === pid)
  const ticks = [fieldsOf(pid), ...own].flatMap((fields) => (fields ? USED.map((at) => fields[at]!) : []))
  return (ticks.reduce((sum, one) => sum + one, 0) * 1e6) / TICKS
}

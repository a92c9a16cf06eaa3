import { readFileSync, writeFileSync } from 'node:fs'

/** The most memory that a process has taken since it was last asked, MB; undefined where the system doesn't say (Linux does). */
export function peakMb(pid: number): number | undefined {
  try {
    const [, kb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    // 5: "Reset the peak resident set size", proc(5)
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return kb === undefined ? undefined : Number(kb) / 1_024
  } catch {
    return undefined
  }
}

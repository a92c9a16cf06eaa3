import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { watchProcess } from '../http/metrics'
import { showBuild } from '../sight/metrics'

/** The version of what runs, from the nearest package.json above it: the sources' own, and that beside `dist`. */
export function versionOf(folder = __dirname): string {
  const file = join(folder, 'package.json')
  if (existsSync(file)) return String(JSON.parse(readFileSync(file, 'utf8')).version ?? 'unknown')
  const above = dirname(folder)
  return above === folder ? 'unknown' : versionOf(above)
}

/** Of the process itself: what runs, and what it takes of the machine. */
export function showProcess(): void {
  watchProcess()
  showBuild(versionOf())
}

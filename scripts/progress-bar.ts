/** A progress bar on one line of a terminal; elsewhere it says nothing. */

const WIDTH = 30
/** Ten a second: more is only flicker, and drawing would cost what it measures. */
const EVERY_MS = 100

export interface ProgressBar {
  /** `total` 0: nobody knows how much it will be */
  show(phase: string, done: number, total: number): void
  /** Leaves an empty line. */
  end(): void
}

export function progressBar(to: { isTTY?: boolean; write(text: string): unknown }): ProgressBar {
  let shownAt = 0
  let shown = ''
  return {
    show(phase, done, total) {
      const now = Date.now()
      const whole = total > 0 && done === total
      if (!to.isTTY || (phase === shown && !whole && now - shownAt < EVERY_MS)) return
      shownAt = now
      shown = phase
      const filled = total > 0 ? Math.floor((WIDTH * done) / total) : 0
      const bar = total > 0 ? `[${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}] ` : ''
      const count =
        total > 0 ? `${done.toLocaleString('en')} / ${total.toLocaleString('en')}` : done.toLocaleString('en')
      to.write(`\r\x1b[2K${phase.padEnd(6)} ${bar}${count}`)
    },
    end() {
      if (to.isTTY) to.write('\r\x1b[2K')
    },
  }
}

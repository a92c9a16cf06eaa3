/**
 * Preloaded into a process (`--require`), its wall clock is CLOCK_AHEAD_MS ahead; with CLOCK_JUMPS=on later as far as its parent says
 * (`{ kind: 'clock', aheadMs }`). Its monotonic clock is left alone, as by whoever sets the clock of a machine.
 */

const Real = Date
let aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0)

globalThis.Date = class MovedDate extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() + aheadMs)
    else super(...parts)
  }

  static now() {
    return Real.now() + aheadMs
  }
}

// Not without being told to: whoever listens first takes the messages that were meant for others.
if (process.env.CLOCK_JUMPS === 'on')
  process.on('message', (message) => {
    if (message?.kind === 'clock') aheadMs = message.aheadMs
  })

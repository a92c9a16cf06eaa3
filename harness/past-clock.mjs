/** Preloaded into a process (`--import`), it runs the process's clock PAST_CLOCK_DAYS behind: days pass when it starts again. */

const Real = Date
const behindMs = Number(process.env.PAST_CLOCK_DAYS ?? 0) * 86_400_000

globalThis.Date = class PastDate extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() - behindMs)
    else super(...parts)
  }

  static now() {
    return Real.now() - behindMs
  }
}

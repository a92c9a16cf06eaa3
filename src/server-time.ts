let serverAheadMs = 0

/** The server's time, ms since the epoch: a quote ends by the server's clock, and telephones' clocks are often off. */
export function serverNow(): number {
  return Date.now() + serverAheadMs
}

/** `Date` of an answer has whole seconds, cut off; half a second more is the best guess. Below 2 s it's that rounding, not the clock. */
export function noteServerTime(text: string): void {
  const date = Date.parse(text)
  if (Number.isNaN(date)) return
  const ahead = date + 500 - Date.now()
  serverAheadMs = Math.abs(ahead) < 2_000 ? 0 : ahead
}

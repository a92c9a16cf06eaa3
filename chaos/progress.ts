/** One line that renews itself on a terminal; elsewhere a line every ten seconds. */
export function progress(tell: () => string): { stop(): void } {
  const { isTTY } = process.stdout
  const show = () => process.stdout.write(isTTY ? `\r\x1b[K${tell()}` : `${tell()}\n`)
  const timer = setInterval(show, isTTY ? 500 : 10_000)
  return {
    stop() {
      clearInterval(timer)
      if (isTTY) process.stdout.write('\r\x1b[K')
    },
  }
}

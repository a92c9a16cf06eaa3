/** What the page began by itself, before there was any of this code (src/index.html). */

/** Of a request, as Taro's own are answered. */
export interface EarlyAnswer {
  statusCode: number
  data: unknown
  header: Record<string, string>
}

declare global {
  interface Window {
    fapaiAsked?: { path: string; answer: Promise<EarlyAnswer | undefined> } | undefined
    /** files of the page that shows how a payment went */
    fapaiNext?: string[] | undefined
  }
}

export function asked(path: string, timeoutMs: number): Promise<EarlyAnswer | undefined> | undefined {
  const one = window.fapaiAsked
  if (one?.path !== path) return undefined
  window.fapaiAsked = undefined
  return new Promise((done, fail) => {
    setTimeout(fail, timeoutMs, { errMsg: 'timeout' })
    one.answer.then(done, fail)
  })
}

export function uncover(): void {
  document.querySelector('.skeleton--first')?.remove()
}

/** Once: what was fetched stays in the browser's cache, under a name that changes with it. */
export function fetchNext(): void {
  for (const file of window.fapaiNext ?? []) fetch(file).catch(() => {})
  window.fapaiNext = undefined
}

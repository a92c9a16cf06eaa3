import type { OperatorSession } from '../server/http/contract'
import { pause } from './attack'
import { Kept, telephone } from './telephone'

/** An honest operator: logs in, looks at pages, leaves, comes again. */
export interface Work {
  /** log-ins that came to something, however often they were told to wait */
  logIns: number
  /** that did not, within a minute */
  shutOut: string[]
  pages: number
  /** answers by status that were no page, by status and code */
  refused: Record<string, number>
}

const NETWORK = 4
const PAGES: Record<string, readonly string[]> = {
  checker: [
    '/admin/campaigns',
    '/admin/campaigns/food-street',
    '/admin/campaigns/food-street/report',
    '/admin/merchants',
    '/admin/orders',
    '/admin/reviews',
  ],
  admin: ['/admin/operators', '/admin/session', '/admin/operators', '/admin/session'],
}
const LOOK_MS = 500
const GIVES_UP_MS = 60_000

export function honestOperator(
  url: string,
  username: 'checker' | 'admin',
  password: string,
): { work: Work; stop(): Promise<void> } {
  const work: Work = { logIns: 0, shutOut: [], pages: 0, refused: {} }
  const browser = telephone(url, NETWORK, Object.keys(PAGES).indexOf(username))
  let stopped = false
  const refused = (error: unknown) => {
    const { message } = error as Error
    work.refused[message] = (work.refused[message] ?? 0) + 1
    return error instanceof Kept ? error : undefined
  }
  async function logIn(): Promise<string | undefined> {
    const from = Date.now()
    let last = ''
    while (!stopped && Date.now() - from < GIVES_UP_MS)
      try {
        const body = { username, password }
        const { token } = await browser.ask<OperatorSession>('log-in', 'POST', '/admin/session', { body })
        work.logIns++
        return token
      } catch (error) {
        last = (error as Error).message
        await pause(Math.min(refused(error)?.retryAfterS ?? 1, 5) * 1_000)
      }
    if (!stopped) work.shutOut.push(last)
    return undefined
  }
  const working = (async () => {
    while (!stopped) {
      const token = await logIn()
      for (const path of token === undefined ? [] : PAGES[username]!) {
        if (stopped) break
        await browser.ask('page', 'GET', path, { token: token! }).then(() => work.pages++, refused)
        await pause(LOOK_MS)
      }
    }
    await browser.close()
  })()
  return {
    work,
    async stop() {
      stopped = true
      await working
    },
  }
}

export function summed(works: readonly Work[]): Work {
  const sum: Work = { logIns: 0, shutOut: [], pages: 0, refused: {} }
  for (const { logIns, shutOut, pages, refused } of works) {
    sum.logIns += logIns
    sum.pages += pages
    sum.shutOut.push(...shutOut)
    for (const [what, count] of Object.entries(refused)) sum.refused[what] = (sum.refused[what] ?? 0) + count
  }
  return sum
}

import type { Session } from '../server/http/contract'
import { load, UNTIL_DONE } from './rounds'
import type { Subject } from './subject'

/** A payer with a session; with an agreement too where it was asked for. */
export interface Payer {
  headers: { authorization: string }
}

/** Logs payers in through the BFF; `agree` makes each one's bank agreement, as the sandbox does at first sight. */
export async function logIn(bff: Subject, name: string, count: number, agree: boolean): Promise<Payer[]> {
  const payers: Payer[] = []
  let next = 0
  await load(16, { forMs: UNTIL_DONE, atMost: count }, async () => {
    const code = `${name}-${next++}`
    const { token } = await bff.post<Session>('/api/session', { platform: 'browser', code })
    const headers = { authorization: `Bearer ${token}` }
    if (agree) await bff.get('/api/agreements', headers)
    payers.push({ headers })
  })
  return payers
}

import type { OperatorSession, OperatorView } from '@contract'
import { useSyncExternalStore } from 'react'

/** Who is logged in, in this tab alone: sessionStorage ends with the tab, and is not shared with others. */

const NAME = 'fapai.console'

let session = kept()
/** why nobody is logged in, for the log-in page; null when nobody was */
let ended: 'expired' | 'left' | null = null
/** who works here: also while their session has expired, until they or somebody else logs in */
let worker: OperatorView | null = session?.operator ?? null
const listeners = new Set<() => void>()

function kept(): OperatorSession | null {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as OperatorSession | null
  } catch {
    return null
  }
}

export const sessions = {
  get: () => session,
  ended: () => ended,
  worker: () => worker,
  /** Begins or renews the session. */
  set(next: OperatorSession): void {
    session = next
    worker = next.operator
    ended = null
    write()
  },
  /** What the server says of the operator now. */
  setOperator(operator: OperatorView): void {
    if (session) sessions.set({ ...session, operator })
  },
  /** The server wants a second factor set up first. */
  setSecondFactorDue(): void {
    if (session) sessions.set({ ...session, secondFactorDue: true })
  },
  end(why: 'expired' | 'left'): void {
    session = null
    if (why === 'left') worker = null
    ended = why
    write()
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

/** A browser that refuses storage forgets the session with the page. */
function write(): void {
  try {
    if (session) sessionStorage.setItem(NAME, JSON.stringify(session))
    else sessionStorage.removeItem(NAME)
  } catch {}
  for (const listener of [...listeners]) listener()
}

export function useSession(): OperatorSession | null {
  return useSyncExternalStore(sessions.subscribe, sessions.get)
}

/** Who works here: the operator who is logged in, or whose session has expired with this page open. */
export function useWorker(): OperatorView | null {
  return useSyncExternalStore(sessions.subscribe, sessions.worker)
}

/** The same, for what the shell shows to nobody else. */
export function useOperator(): OperatorView {
  const found = useWorker()
  if (!found) throw new Error('nobody works here')
  return found
}

import { seal, unseal } from '../../domain/seal'
import type { Clock, Identity, PageLogin, Random } from '../ports'
import { LoginUnavailable } from '../ports'
import { logInPayer } from './log-in'

/** The way of a browser through a platform that says who its person is, and back. What must come back it carries itself, sealed. */

export interface PageLoginDeps {
  /** null: nobody is sent anywhere */
  pageLogin: PageLogin | null
  identity: Identity
  loginKey: Uint8Array
  clock: Clock
  random: Random
}

/** WeChat's own limit for a code is five minutes; asking it takes a second. */
export const MEMO_TTL_MS = 10 * 60_000

interface Memo {
  state: string
  to: string
  exp: number
}

/** How a page's person is known: by the platform's page, by name in the sandbox, or not at all. */
export function loginWay({ pageLogin, namesTaken }: Way, platform: string): 'page' | 'name' | 'none' {
  if (pageLogin?.platform === platform) return 'page'
  return namesTaken ? 'name' : 'none'
}

type Way = Pick<PageLoginDeps, 'pageLogin'> & {
  /** the sandbox: whoever comes is who they say */
  namesTaken: boolean
}

/** Whether it needs https; undefined where there is none. */
export function pageLoginOffered({
  pageLogin,
}: Pick<PageLoginDeps, 'pageLogin'>): Pick<PageLogin, 'secure'> | undefined {
  return pageLogin ?? undefined
}

/**
 * Where to send the browser, and what it must bring back within {@link MEMO_TTL_MS}; undefined where there is none. `to`: a path of
 * ours, where it ends up.
 */
export function startPageLogin(deps: PageLoginDeps, to: string): { url: string; memo: string } | undefined {
  if (!deps.pageLogin) return undefined
  const state = Buffer.from(deps.random(16)).toString('hex')
  const memo: Memo = { state, to, exp: deps.clock.now() + MEMO_TTL_MS }
  return { url: deps.pageLogin.address(state), memo: seal(deps.loginKey, 'page login', memo) }
}

export type PageLoginResult = { to: string } & (
  | { kind: 'in'; payerId: string }
  | { kind: 'refused'; code: 'login-refused' | 'login-blocked' | 'login-too-often' | 'login-unavailable' }
)

/**
 * The browser is back. Only with the state that this very browser was sent off with: whoever is handed another's address would be
 * logged in as that other. Without a memo it ends up at the start.
 */
export async function finishPageLogin(
  deps: PageLoginDeps,
  { code, state }: { code: string; state: string },
  sealedMemo: string | undefined,
): Promise<PageLoginResult> {
  const memo = sealedMemo ? (unseal(deps.loginKey, 'page login', sealedMemo) as Memo | undefined) : undefined
  const to = memo?.to ?? '/'
  if (!deps.pageLogin || !memo || memo.exp <= deps.clock.now() || memo.state !== state)
    return { kind: 'refused', code: 'login-refused', to }
  try {
    const person = await logInPayer(deps, { platform: deps.pageLogin.platform, code })
    if (person.kind === 'person') return { kind: 'in', payerId: person.personId, to }
    return { kind: 'refused', code: person.why === 'code' ? 'login-refused' : 'login-blocked', to }
  } catch (error) {
    if (!(error instanceof LoginUnavailable)) throw error
    return { kind: 'refused', code: error.waitS === null ? 'login-unavailable' : 'login-too-often', to }
  }
}

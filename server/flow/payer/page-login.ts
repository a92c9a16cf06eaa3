import { seal, unseal } from '../../domain/seal'
import type { Origin } from '../../domain/trace'
import type { Identity, PageLogin, Random } from '../ports'
import { LoginUnavailable } from '../ports'
import { LOG_IN_REFUSED, type LogInDeps, type LogInRefusal, whoIs, wordOf } from './log-in'

/** The way of a browser through a platform that says who its person is, and back. What must come back it carries itself, sealed. */

export interface PageLoginDeps extends LogInDeps {
  /** by the word that stands for each in our addresses */
  pageLogins: ReadonlyMap<string, PageLogin>
  random: Random
}

/** WeChat's own limit for a code is five minutes; asking it takes a second. */
export const MEMO_TTL_MS = 10 * 60_000

interface Memo {
  word: string
  state: string
  to: string
  exp: number
}

/**
 * How a page's person is known: by the platform's page, which `word` stands for, by a code of the app that it is open in, by name in the
 * sandbox, or not at all.
 */
export function loginWay(
  { pageLogins, identity, namesTaken }: Way,
  platform: string,
): { way: 'page'; word: string } | { way: 'code' | 'name' | 'none' } {
  for (const [word, login] of pageLogins) if (login.platform === platform) return { way: 'page', word }
  if (identity.asks(platform)) return { way: 'code' }
  return { way: namesTaken ? 'name' : 'none' }
}

type Way = Pick<PageLoginDeps, 'pageLogins'> & {
  identity: Pick<Identity, 'asks'>
  /** the sandbox: whoever comes is who they say */
  namesTaken: boolean
}

/** Whether it needs https, and the name of the code in the way back; undefined where there is none. */
export function pageLoginOffered(
  { pageLogins }: Pick<PageLoginDeps, 'pageLogins'>,
  word: string,
): Pick<PageLogin, 'secure' | 'codeName' | 'codeOf'> | undefined {
  return pageLogins.get(word)
}

/**
 * Where to send the browser, and what it must bring back within {@link MEMO_TTL_MS}; undefined where there is none. `to`: a path of
 * ours, where it ends up.
 */
export function startPageLogin(
  deps: PageLoginDeps,
  word: string,
  to: string,
): { url: string; memo: string } | undefined {
  const login = deps.pageLogins.get(word)
  if (!login) return undefined
  const state = Buffer.from(deps.random(16)).toString('hex')
  const memo: Memo = { word, state, to, exp: deps.clock.now() + MEMO_TTL_MS }
  return { url: login.address(state), memo: seal(deps.loginKey, 'page login', memo) }
}

export type PageLoginResult = { to: string } & (
  | { kind: 'in'; payerId: string; platform: string }
  /** a merchant's page: what it logs in with, or binds */
  | { kind: 'told'; code: string; expiresAt: number }
  | { kind: 'refused'; code: LogInRefusal | 'login-too-often' | 'login-unavailable' }
)

/**
 * The browser is back. Only with the state that this very browser was sent off with: whoever is handed another's address would be
 * logged in as that other. Without a memo it ends up at the start.
 */
export async function finishPageLogin(
  deps: PageLoginDeps,
  { word, code, state, origin }: { word: string; code: string; state: string; origin?: Origin },
  sealedMemo: string | undefined,
): Promise<PageLoginResult> {
  const memo = sealedMemo ? (unseal(deps.loginKey, 'page login', sealedMemo) as Memo | undefined) : undefined
  const to = memo?.to ?? '/'
  const login = deps.pageLogins.get(word)
  if (!login || memo?.word !== word || memo.exp <= deps.clock.now() || memo.state !== state)
    return { kind: 'refused', code: LOG_IN_REFUSED.code, to }
  try {
    const person = await whoIs(deps, { platform: login.platform, code, ...(origin && { origin }) })
    if (person.kind === 'person')
      return MERCHANTS.test(to)
        ? { kind: 'told', ...wordOf(deps, login.platform, person.personId), to }
        : { kind: 'in', payerId: person.personId, platform: login.platform, to }
    return { kind: 'refused', code: LOG_IN_REFUSED[person.why], to }
  } catch (error) {
    if (!(error instanceof LoginUnavailable)) throw error
    return { kind: 'refused', code: error.waitS === null ? 'login-unavailable' : 'login-too-often', to }
  }
}

/** Whoever comes to it is no payer there. */
const MERCHANTS = /^\/#\/pages\/merchant[a-z-]*\//

import type { ChangeRequest, RequestKind } from '../../domain/change'
import { disclose, enclose } from '../../domain/enclose'
import { cardsEffect } from '../merchant/card'
import { CODE_LENGTH, CODE_LETTERS, CODE_LIFE_MS, hashOfCode } from '../merchant/code'
import type { CardsWanted, Passwords, Random } from '../ports'

/**
 * What a change gives somebody — a one-time password, an owner's binding code — is told in two halves: the first to whoever asks,
 * the second to whoever approves, and both tell the person. Neither of them can go in by it alone (知识分割).
 */

export interface SecretDeps {
  random: Random
  passwords: Passwords
  /** encloses the first half until the second is made */
  secretKey: Uint8Array
}

interface SecretKind {
  /** 32 letters or fewer, none that looks like another */
  letters: string
  half: number
  /** between the halves, and after every fourth letter of a half */
  dash: string
  /** what is kept of the whole; `after`: of the request */
  effect(deps: SecretDeps, whole: string, after: unknown): Promise<unknown>
}

/** 16 letters in fours, 80 bits: read out over the telephone, used once. */
const password: SecretKind = {
  letters: 'abcdefghijkmnpqrstuvwxyz23456789',
  half: 8,
  dash: '-',
  effect: async ({ passwords }, whole) => ({ passwordHash: await passwords.hash(whole) }),
}

/** Eight characters, as those that a cashier binds by. */
const bindingCode: SecretKind = {
  letters: CODE_LETTERS,
  half: CODE_LENGTH / 2,
  dash: '',
  effect: async (_, whole) => ({ codeHash: hashOfCode(whole), lifeMs: CODE_LIFE_MS }),
}

/** Two seeds, of which nobody is told: what each operator gets is made of theirs. */
const bindingCards: SecretKind = {
  letters: password.letters,
  half: 32,
  dash: '',
  effect: async (_, whole, after) => cardsEffect(whole.slice(0, 32), whole.slice(32), after as CardsWanted),
}

const SECRETS: Partial<Record<RequestKind, SecretKind>> = {
  'merchant.owner': bindingCode,
  'merchant.owners': bindingCards,
  'operator.add': password,
  'operator.password': password,
}

/** The first half, to be told once, and what is kept of it; null: the kind gives no secret. */
export function firstHalf(deps: SecretDeps, kind: RequestKind, changeId: string) {
  const secret = SECRETS[kind]
  if (!secret) return null
  const half = halfOf(deps, secret)
  return { half, enclosed: enclose(deps.secretKey, purposeOf(changeId), half, deps.random(12)) }
}

/** The second half, to be told once, and what its kind needs of both; null: there is no secret. */
export async function secondHalf(
  deps: SecretDeps,
  { kind, changeId, after }: Pick<ChangeRequest, 'kind' | 'changeId' | 'after'>,
  enclosed: string | null,
) {
  const secret = SECRETS[kind]
  if (!secret || enclosed === null) return null
  const first = disclose(deps.secretKey, purposeOf(changeId), enclosed)
  // enclosed under a master key that is gone: it is asked for again
  if (first === undefined) return 'unreadable' as const
  const half = halfOf(deps, secret)
  return { half, effect: await secret.effect(deps, first + secret.dash + half, after) }
}

const purposeOf = (changeId: string) => `change ${changeId}`

function halfOf({ random }: SecretDeps, { letters, half, dash }: SecretKind): string {
  // A byte above the last whole multiple of the alphabet is thrown away, so that each letter is equally likely.
  const fair = 256 - (256 % letters.length)
  let text = ''
  while (text.length < half)
    for (const byte of random(half)) if (byte < fair && text.length < half) text += letters[byte % letters.length]
  return text.replace(/.{4}(?=.)/g, `$&${dash}`)
}

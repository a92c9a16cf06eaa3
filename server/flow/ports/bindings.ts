import type { Deed } from './deed'

export const USER_ROLES = ['owner', 'cashier'] as const
/** A cashier sees orders and rewards; only an owner refunds. */
export type UserRole = (typeof USER_ROLES)[number]

/** A platform user and the one merchant they may see. */
export interface Binding {
  bindingId: number
  userId: string
  merchantCode: string
  role: UserRole
  /** what the owner calls them; null where the bank handed out the code */
  called: string | null
  boundAt: number
  unboundAt: number | null
}

/** Cards for the owners of many merchants, as they are asked for. */
export interface CardsWanted {
  days: number
  merchantCodes: readonly string[]
}

/** What is kept of them once they are approved. */
export interface CardsEffect {
  cards: { merchantCode: string; cardHash: string; codeHash: string }[]
  lifeMs: number
}

export type BindRefusal =
  /** the code is wrong, used or expired: which, isn't told */
  | 'binding-refused'
  | 'already-bound'
  /** too many wrong codes; wait */
  | 'binding-locked'

export type BindResult = { kind: 'bound'; binding: Binding } | { kind: 'refused'; code: BindRefusal }

export interface Bindings {
  /** Keeps a code as its hash. */
  issue(
    code: {
      codeHash: string
      merchantCode: string
      role: UserRole
      called: string | null
      madeBy: string
      madeAt: number
      expiresAt: number
    },
    deed: Deed,
  ): Promise<void>
  /**
   * One transaction: the attempt is counted, the code used up, the user bound. An attempt counts before the code is looked
   * at, so that many at once can't outrun the limit: `limit` wrong ones in `windowMs`. A card has `cardTries` in all, whoever tries.
   */
  bind(input: {
    userId: string
    codeHash: string
    cardHash: string | undefined
    now: number
    limit: number
    windowMs: number
    cardTries: number
  }): Promise<BindResult>
  /** The user's binding in force. */
  ofUser(userId: string): Promise<Binding | undefined>
  /** A binding, if it is still in force. */
  inForce(bindingId: number): Promise<Binding | undefined>
  /** Which of these bindings are no longer in force. */
  ended(bindingIds: readonly number[]): Promise<number[]>
  /** Newest first, ended ones too. */
  ofMerchant(merchantCode: string, limit: number): Promise<Binding[]>
  /** The binding card of a merchant that can still be used, or could if it hadn't been tried too often. */
  cardOf(merchantCode: string, now: number): Promise<{ expiresAt: number; tries: number } | undefined>
  /** Those in force, newest first. */
  usersOf(merchantCode: string, limit: number): Promise<Binding[]>
  /** False when there is no such binding of the merchant in force, or it is of another role than `only`. */
  unbind(merchantCode: string, bindingId: number, now: number, deed: Deed, only?: UserRole): Promise<boolean>
}

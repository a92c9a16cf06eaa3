import type { Origin, Trace } from '../../domain/trace'

/** Who stands behind a platform's login code. */
export type LogIn =
  | { kind: 'person'; personId: string }
  /** `code`: it is wrong, used or too old, and a new one may do. `person`: the platform blocks them, and no code will do. */
  | { kind: 'refused'; why: 'code' | 'person' }

export interface Identity {
  /**
   * The pseudonymous id of a person, the same one whether they pay or serve at a merchant's, and for good. Uses the code up. From
   * where they came is kept for a while.
   * @throws LoginUnavailable
   */
  person(platform: string, code: string, origin?: Origin): Promise<LogIn>
  /** Whether somebody is asked whom the platform's codes stand for. */
  asks(platform: string): boolean
  /** A merchant code, without a binding: the sandbox's way in. Elsewhere undefined, and the code isn't used up by asking. */
  merchant(platform: string, code: string): Promise<string | undefined>
  /**
   * As the provider knows a person: the app first in which they are now, as `platform` tells, and then the one they came by last. For the
   * channel that has to name them, and nobody else.
   */
  subjects(personId: string, provider: Provider, platform?: string): Promise<Subject[]>
}

/** The platform gives no answer that says who it is; nobody is logged in, and the code must not be sent again. */
export class LoginUnavailable extends Error {
  override name = 'LoginUnavailable'
  constructor(
    message: string,
    /** this one person is to wait so long, by the platform's word; null: it is the platform's trouble */
    readonly waitS: number | null = null,
  ) {
    super(message)
  }
}

export type Provider = 'wechat' | 'wechat-union' | 'alipay' | 'alipay-user' | 'unionpay' | 'bank-app'

/** A person in one app of a platform's. */
export interface Subject {
  /** the platform gives every app another subject for the same person */
  appId: string
  subject: string
}

/** A person as a platform knows them. */
export interface Known extends Subject {
  provider: Provider
}

/** A platform that is asked whom its login codes stand for. */
export interface LoginProvider {
  /** the app whose codes it exchanges, where the platform gives each app subjects of its own */
  readonly appId?: string
  /** `union`: the same person in all apps of one owner, where the platform tells. @throws LoginUnavailable */
  exchange(code: string): Promise<(Known & { union: Known | null }) | { refused: 'code' | 'person' }>
}

/** The page of a platform that says who a browser's person is. */
export interface PageLogin {
  platform: string
  /** the browser comes back over https, so that its cookies may be kept to it */
  secure: boolean
  /** what it calls the code that the browser comes back with */
  codeName: string
  /** Where to send the browser; `state`, letters and digits, comes back with it. */
  address(state: string): string
  /** What is exchanged, of the code and of what the browser calls itself; absent: the code alone. */
  codeOf?(code: string, userAgent: string): string
}

/** An identity as it is kept: nobody can read from it who it is. */
export interface KeptIdentity {
  provider: Provider
  appId: string
  /** HMAC-SHA256 of the subject, base64url, under our present key */
  subjectHash: string
  /** names that key, which `sealedSubject` is encrypted under as well */
  keyId: string
  /** the same hash under each key before it, as it may still be kept */
  formerHashes: readonly string[]
  /** the subject, encrypted, for the channel that has to name it; null where none ever does */
  sealedSubject: string | null
}

/** Login tickets that are good once. */
export interface UsedTickets {
  /** True the first time, for one of however many at once; false from then on, at least until `endsAt`. */
  use(ticketId: string, endsAt: number, now: number): Promise<boolean>
}

export interface Identities {
  /** A person's identities at a platform whose subjects are kept, the one seen last first. `keyId`: null, from before keys had names. */
  identitiesOf(
    personId: string,
    provider: Provider,
  ): Promise<{ appId: string; keyId: string | null; sealedSubject: string | null }[]>
  /**
   * The person of an identity. Seen for the first time it is the person of its union, or else a new one, `newId`. Once kept, an
   * identity stays its person's, whatever union is told later: their orders and limits are there. What is kept under a former key is
   * from then on kept under the present one. Safe when asked twice at once, also by processes whose keys are in another order. With the
   * identity it is kept from where it came last.
   */
  personOf(
    identity: KeptIdentity,
    union: KeptIdentity | null,
    newId: string,
    now: number,
    trace?: Trace,
  ): Promise<string>
}

/** Who stands in the line at the log-in. */
export interface Waiter {
  /** an address, or a device that is known: its line */
  place: string
  /** as it was typed */
  name: string
  /** logged in from there before: it comes before strangers */
  known: boolean
}

/** Passwords as they are kept: never themselves, always a slow hash with its parameters and salt. */
export interface Passwords {
  /** In turn with the others, and never refused: whoever asks for it has shown who they are. */
  hash(password: string): Promise<string>
  /** `hash` null: takes as long, and is false. For strangers only {@link inTurn}: it is dear. */
  matches(password: string, hash: string | null): Promise<boolean>
  /** Does it when it is this one's turn; undefined: too many wait at that place, for that name or in all, and nothing was done. */
  inTurn<T>(waiter: Waiter, work: () => Promise<T>): Promise<T | undefined>
}

/** Why nobody may choose it: of what it is mostly made. */
export type PasswordFault = 'common' | 'personal' | 'keyboard' | 'repeat' | 'sequence' | 'date' | 'guessable'

/** What passwords may be chosen. */
export interface PasswordRules {
  /** `words`: what somebody would guess who knows the person. Null: it may be. @throws WorkRefused */
  fault(password: string, words: readonly string[], owner: string): Promise<PasswordFault | null>
}

/** What a browser keeps between leaving for the identity provider and coming back. */
export interface SignOnMemo {
  state: string
  nonce: string
  verifier: string
}

/** Whom the provider vouches for. */
export interface SignedOn {
  subject: string
  /** it says that it asked for a second factor, and is believed */
  secondFactor: boolean
}

/** The bank's single sign-on (OpenID Connect). */
export interface SingleSignOn {
  /** what people call it */
  name: string
  /** the browser comes back over https, so that its cookie may be kept to it */
  secure: boolean
  /** Where to send the browser, and what it must bring back. @throws SignOnUnavailable */
  start(): Promise<{ url: string; memo: SignOnMemo }>
  /**
   * Who came back with `query`, the question mark and all of the callback's address; undefined when the provider or our own
   * checks refuse it. @throws SignOnUnavailable
   */
  finish(query: string, memo: SignOnMemo): Promise<SignedOn | undefined>
}

/** The identity provider can't be reached. */
export class SignOnUnavailable extends Error {
  override name = 'SignOnUnavailable'
}

/** Turns a platform's login code into a pseudonymous id; undefined when the code is refused. */
export interface Identity {
  payer(platform: string, code: string): Promise<string | undefined>
  /** A merchant code, without a binding: the sandbox's way in. Elsewhere undefined, and the code isn't used up by asking. */
  merchant(platform: string, code: string): Promise<string | undefined>
  /** A person as a merchant's user; not the id they have as a payer, so that nobody can join the two. */
  merchantUser(platform: string, code: string): Promise<string | undefined>
}

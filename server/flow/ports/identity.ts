/** Turns a platform's login code into a pseudonymous payer id or a merchant code; undefined when the code is refused. */
export interface Identity {
  payer(platform: string, code: string): Promise<string | undefined>
  merchant(platform: string, code: string): Promise<string | undefined>
}

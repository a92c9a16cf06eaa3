import type { Identity } from '../ports'

/** The pseudonymous id of the person behind a platform's login code; undefined when the code is refused. */
export function logInPayer(
  { identity }: { identity: Pick<Identity, 'payer'> },
  { platform, code }: { platform: string; code: string },
): Promise<string | undefined> {
  return identity.payer(platform, code)
}

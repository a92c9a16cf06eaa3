import type { Identity, LogIn } from '../ports'

/** The person behind a platform's login code, as a payer. */
export function logInPayer(
  { identity }: { identity: Pick<Identity, 'person'> },
  { platform, code }: { platform: string; code: string },
): Promise<LogIn> {
  return identity.person(platform, code)
}

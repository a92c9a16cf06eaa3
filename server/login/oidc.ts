import type { Configuration } from 'openid-client'
import { type SignOnMemo, SignOnUnavailable, type SingleSignOn } from '../flow/ports'

export interface OidcOptions {
  name: string
  issuer: string
  clientId: string
  clientSecret: string
  /** our callback's address as the browser sees it, registered at the provider */
  redirectUrl: string
  /** its word on a second factor (`amr`) is taken */
  secondFactor: boolean
  /** why somebody was refused, for the log; it holds no code and no token */
  onRefused(reason: string): void
}

/** Somebody looks at a page that doesn't load; the provider is the bank's own. */
const TIMEOUT_S = 5

/** ESM and of no use to a bank without single sign-on, so it is loaded when the first one asks for it. */
const library = () => import('openid-client')
type Library = Awaited<ReturnType<typeof library>>

/**
 * OpenID Connect by the authorization code flow with PKCE, state and nonce. The provider is looked up at the first use: the
 * BFF starts without it.
 */
export function oidcSignOn(options: OidcOptions): SingleSignOn {
  const provider = keptOnce(() => discover(options))
  return {
    name: options.name,
    secure: options.redirectUrl.startsWith('https:'),
    async start() {
      const { client, config } = await provider()
      const memo: SignOnMemo = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: options.redirectUrl,
        scope: 'openid',
        state: memo.state,
        nonce: memo.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(memo.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, memo }
    },
    async finish(query, { state, nonce, verifier }) {
      const { client, config } = await provider()
      const back = new URL(options.redirectUrl)
      back.search = query
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
      try {
        const tokens = await client.authorizationCodeGrant(config, back, checks)
        const { sub: subject, amr } = tokens.claims()!
        return { subject, secondFactor: options.secondFactor && showsTwo(amr) }
      } catch (error) {
        if (!isRefusal(client, error)) throw new SignOnUnavailable('no answer', { cause: error })
        options.onRefused(`${(error as Error).message} (${(error as { code?: string }).code ?? 'no code'})`)
        return undefined
      }
    },
  }
}

async function discover({
  issuer,
  clientId,
  clientSecret,
}: OidcOptions): Promise<{ client: Library; config: Configuration }> {
  const client = await library()
  const server = new URL(issuer)
  // config.ts lets http through for this machine alone.
  const execute = server.protocol === 'http:' ? [client.allowInsecureRequests] : []
  const proof = client.ClientSecretBasic(clientSecret)
  try {
    const config = await client.discovery(server, clientId, undefined, proof, { execute, timeout: TIMEOUT_S })
    return { client, config }
  } catch (error) {
    throw new SignOnUnavailable('the identity provider was not found', { cause: error })
  }
}

/** RFC 8176: several factors, a one-time code, a key in hardware, a smart card. */
const SECOND = new Set(['mfa', 'otp', 'hwk', 'sc'])

const showsTwo = (amr: unknown) => Array.isArray(amr) && amr.some((one) => SECOND.has(one))

/** The provider's own refusal, or an answer that doesn't pass a check; and not a network that fails. */
function isRefusal(client: Library, error: unknown): boolean {
  if (error instanceof client.ResponseBodyError || error instanceof client.AuthorizationResponseError) return true
  return error instanceof client.ClientError && error.code !== undefined && !UNANSWERED.has(error.code)
}

const UNANSWERED = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT'])

/** What it made the first time; a failure isn't kept. */
function keptOnce<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined
  return () => {
    kept ??= make().catch((error) => {
      kept = undefined
      throw error
    })
    return kept
  }
}

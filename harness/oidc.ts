import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A real OpenID Connect provider, and somebody at a browser that goes between it and us. */

const CLIENT = { clientId: 'fapai', clientSecret: 'a-secret-of-tests' }

export interface TestProvider {
  /** for the BFF */
  env: NodeJS.ProcessEnv
  /** who is sitting at the browser from now on, and by what the provider says it knows them */
  seat(subject: string, amr?: string[]): Promise<void>
  stop(): Promise<void>
}

export async function startProvider(redirectUrl: string): Promise<TestProvider> {
  const file = join(__dirname, 'oidc-provider.mjs')
  const child = fork(file, [JSON.stringify({ ...CLIENT, redirectUrl })], { execArgv: [], stdio: 'ignore' })
  const ended = once(child, 'exit')
  const failed = ended.then(() => {
    throw new Error('the provider ended')
  })
  failed.catch(() => {})
  const [{ issuer }] = (await Promise.race([once(child, 'message'), failed])) as [{ issuer: string }]
  return {
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: CLIENT.clientId,
      OIDC_CLIENT_SECRET: CLIENT.clientSecret,
      OIDC_REDIRECT_URL: redirectUrl,
      OIDC_NAME: '总行统一认证',
    },
    async seat(subject, amr) {
      child.send({ subject, amr })
      await once(child, 'message')
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

export interface Browser {
  /** Follows redirects from `url`, with cookies, until one leads to where `until` says, which isn't opened; null: a page came. */
  follow(url: string, until: (url: URL) => boolean): Promise<URL | null>
  /** One request, without following. */
  open(url: string): Promise<Response>
  cookies: Map<string, string>
}

/** Hosts of a test differ by port alone, and cookies know no ports: so their names are kept apart here. */
export function newBrowser(): Browser {
  const cookies = new Map<string, string>()
  async function open(url: string): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name!)
      else cookies.set(name!, value!)
    }
    return response
  }
  return {
    cookies,
    open,
    async follow(url, until) {
      for (let at = new URL(url), hops = 0; hops < 10; hops++) {
        if (until(at)) return at
        const location = (await open(at.href)).headers.get('location')
        if (!location) return null
        at = new URL(location, at)
      }
      throw new Error('redirected for ever')
    },
  }
}

/** What a build of the mini-program is for: the sandbox on this machine, or WeChat's users. */
export interface Release {
  /** origin of the BFF; a mini-program has none of its own */
  apiOrigin: string
  /** log-in by name; only where the BFF is the sandbox on this machine */
  sandbox: boolean
  appId: string
}

const SANDBOX: Release = { apiOrigin: 'http://127.0.0.1:8787', sandbox: true, appId: 'touristappid' }

/**
 * With FAPAI_API_ORIGIN or FAPAI_APPID it is a release: both must be there, and such as WeChat takes them.
 * @throws an Error that names every fault
 */
export function releaseOf({ FAPAI_API_ORIGIN: origin, FAPAI_APPID: appId }: NodeJS.ProcessEnv): Release {
  if (!origin && !appId) return SANDBOX
  const faults = [
    ...originFaults(origin ?? ''),
    ...(/^wx[0-9a-f]{16}$/.test(appId ?? '')
      ? []
      : ['FAPAI_APPID: must be the mini-program’s own, wx and 16 hex digits']),
  ]
  if (faults.length > 0) throw new Error(`a release of the mini-program can't be built:\n  ${faults.join('\n  ')}`)
  return { apiOrigin: new URL(origin!).origin, sandbox: false, appId: appId! }
}

/** WeChat lets a released mini-program call https and named hosts alone, without an address's path. */
function originFaults(text: string): string[] {
  const say = (what: string) => [`FAPAI_API_ORIGIN: ${what}`]
  if (!URL.canParse(text)) return say('must be an origin, like https://pay.bank.example')
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text)
  if (protocol !== 'https:') return say('must be https')
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(hostname) || /\.(localhost|local|internal)$/.test(hostname))
    return say('must be a host that the world knows by name: no IP address, no host of this machine')
  if (pathname !== '/' || search || hash || username || password) return say('must be an origin without path or user')
  return []
}

/** Cookies of ours, each the host's alone: another host of the same domain could otherwise put its own in front. */
export interface CookieKind {
  name: string
  /** `Lax` comes along when another site sends the browser here, `Strict` doesn't; neither with a request behind a page's back */
  sameSite: 'Lax' | 'Strict'
  /** it came over https, so that it may be kept to it */
  secure: boolean
}

/** Browsers take `__Host-` only over https, without a domain and for all paths. */
export const cookieName = ({ name, secure }: CookieKind) => (secure ? `__Host-${name}` : name)

/** A `Set-Cookie` line; nothing for a value and 0 seconds take it away. No script reads it. */
export function cookieLine(kind: CookieKind, value: string, maxAgeS: number): string {
  const { sameSite, secure } = kind
  const attributes = `Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeS}${secure ? '; Secure' : ''}`
  return `${cookieName(kind)}=${value}; ${attributes}`
}

/** What an operator's log-in leaves with the browser; kept as long as it would be known without another (store/sql/operator/devices.ts). */
export const BROWSER_S = 90 * 86_400

export function browserCookie({ publicUrl }: { publicUrl: string | null }): CookieKind {
  return { name: 'fapai_browser', sameSite: 'Strict', secure: publicUrl?.startsWith('https:') ?? false }
}

import type { Session } from '@contract'

/** Log-in by way of WeChat's page and back, in a browser where the BFF offers it (docs/decisions/0027-who-a-payer-is.md). */
export interface PageLogin {
  /**
   * What a log-in came to that this browser is just back from, taken away so that it is read once; null: it is back from none. A payer's
   * session, or a login code for a merchant's page.
   */
  handed(): Session | { code: string; expiresAt: string } | { refused: string } | null
  /**
   * Sends the browser to the log-in; whoever waits for that waits until the page is gone. It comes to an end only for a browser that was
   * sent before and came back without a word, for instance one that refuses cookies: it would go there and back for ever.
   */
  visit(page: string): Promise<void>
}

/** Left by the BFF for a minute; over https by a name that no other host of the domain can write. */
const cookieName = () => (location.protocol === 'https:' ? '__Host-fapai_session' : 'fapai_session')
const WENT = 'fapai.went'

export const pageLogin: PageLogin = {
  handed() {
    const name = cookieName()
    const found = document.cookie.split('; ').find((cookie) => cookie.startsWith(`${name}=`))
    if (!found) return null
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API isn't in WeChat's browser
    document.cookie = `${name}=; Path=/; Max-Age=0${name === 'fapai_session' ? '' : '; Secure'}`
    went(false)
    try {
      return JSON.parse(decodeURIComponent(found.slice(name.length + 1)))
    } catch {
      // Not ours: some other page of this host wrote it.
      return null
    }
  },

  visit(page) {
    if (went()) {
      went(false)
      return Promise.resolve()
    }
    went(true)
    location.assign(`${page}?to=${encodeURIComponent(hereOf(location.hash))}`)
    return new Promise(() => {})
  },
}

/** The page that is open, as the BFF takes it for a way back. */
export function hereOf(hash: string): string {
  const page = /^#\/pages\/[a-z-]{1,20}\/index(\?[A-Za-z0-9_=&.-]{1,200})?$/.exec(hash)
  return page ? `/${page[0]}` : '/'
}

/** Whether this tab was sent off and isn't back; with a value it is remembered. A tab without a memory may have been sent often. */
function went(now?: boolean): boolean {
  try {
    if (now === true) sessionStorage.setItem(WENT, 'yes')
    if (now === false) sessionStorage.removeItem(WENT)
    return sessionStorage.getItem(WENT) !== null
  } catch {
    return true
  }
}

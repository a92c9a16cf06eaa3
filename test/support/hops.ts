/** A browser that follows one redirect at a time, and keeps its cookies. */

export interface Hop {
  status: number
  location: string
  cookies: string[]
}

/** `at`: where an address is really asked, behind whatever proxy stands in front of it. */
export async function hop(url: string, jar: Map<string, string>, at = (url: string) => url): Promise<Hop> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const reply = await fetch(at(url), { redirect: 'manual', headers: { cookie } })
  const cookies = reply.headers.getSetCookie()
  for (const line of cookies) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line)!
    if (/Max-Age=0\b/.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
  return { status: reply.status, location: reply.headers.get('location') ?? '', cookies }
}

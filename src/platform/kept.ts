/** What this tab would lose by a reload; another tab has its own. A browser that refuses storage only forgets sooner. */
export const kept = {
  get(name: string): string | undefined {
    try {
      return sessionStorage.getItem(`fapai.${name}`) ?? undefined
    } catch {
      return undefined
    }
  },
  set(name: string, value: string): void {
    try {
      if (value) sessionStorage.setItem(`fapai.${name}`, value)
      else sessionStorage.removeItem(`fapai.${name}`)
    } catch {}
  },
}

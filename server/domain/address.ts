/** Which addresses what is secret may go to. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/

/** This machine alone: what goes there passes no network. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** What a password or a code goes over is encrypted, or doesn't leave the machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

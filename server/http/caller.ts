import type { IncomingMessage } from 'node:http'
import { holderOf, type Ip, isIn, type Network, readIp } from '../domain/ip'

/** Who is calling, as far as a connection shows. */
export interface Caller {
  /** who holds the address: `203.0.113.7`, of IPv6 `2001:db8:0:1::/64`; `unknown` where a connection has none any more */
  address: string
  /** what the page says of itself, kept in its storage: a hint that anybody can change, never proof */
  device: string | null
}

export type CallerOf = (request: IncomingMessage) => Caller

/** The header of a page's own random id. */
export const DEVICE_HEADER = 'x-fapai-device'
const DEVICE = /^[A-Za-z0-9_-]{1,64}$/

/** More proxies than anybody has in a row; what stands further to the left was sent by somebody who means harm. */
const MAX_HOPS = 16

/**
 * Finds the caller. Each proxy adds to the right of X-Forwarded-For whom it was called by. So it is read from the right, for as long
 * as who says it is one of ours, and the first that isn't is the caller. Anybody may send the header: from a connection that
 * doesn't come from one of ours it says nothing.
 */
export function callerBehind(proxies: readonly Network[]): CallerOf {
  const isOurs = (ip: Ip) => proxies.some((network) => isIn(ip, network))
  return ({ socket, headers }) => ({
    address: textOf(callerIp(readIp(socket.remoteAddress ?? ''), headers['x-forwarded-for'], isOurs)),
    device: deviceOf(headers[DEVICE_HEADER]),
  })
}

/** Who holds the address of a connection, as text; null: a proxy of ours, through which many come. */
export function holderBehind(proxies: readonly Network[]): (address: string) => string | null {
  return (address) => {
    const ip = readIp(address)
    return ip && proxies.some((network) => isIn(ip, network)) ? null : textOf(ip)
  }
}

/** Whether an address is one of our proxies'. */
export function proxiesOf(proxies: readonly Network[]): (address: string) => boolean {
  const holder = holderBehind(proxies)
  return (address) => holder(address) === null
}

/** The header once, however often it was sent: node joins them in their order. */
function callerIp(socket: Ip | undefined, forwarded: string | string[] | undefined, isOurs: (ip: Ip) => boolean) {
  let caller = socket
  let rest = String(forwarded ?? '')
  for (let hop = 0; caller && rest && hop < MAX_HOPS && isOurs(caller); hop++) {
    const comma = rest.lastIndexOf(',')
    const before = readHop(rest.slice(comma + 1).trim())
    // One of ours says what can't be read: then it is all that is known.
    if (!before) break
    caller = before
    rest = rest.slice(0, Math.max(comma, 0))
  }
  return caller
}

/** `1.2.3.4`, and as some proxies write it `1.2.3.4:5678`, `[2001:db8::1]:5678`. */
function readHop(text: string): Ip | undefined {
  const [, inBrackets, ipv4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? []
  return readIp(inBrackets ?? ipv4 ?? text)
}

const textOf = (ip: Ip | undefined) => (ip ? holderOf(ip) : 'unknown')

function deviceOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && DEVICE.test(header) ? header : null
}

/** Addresses of the internet as they are compared: eight groups of 16 bits; IPv4 is IPv6's `::ffff:a.b.c.d`, as RFC 4291 maps it. */
export type Ip = readonly number[]

/** All addresses that begin as `ip` does, for so many bits. */
export interface Network {
  ip: Ip
  bits: number
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff] as const
const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/
const IS_GROUP = /^[0-9a-f]{1,4}$/i

/** `203.0.113.7`, `2001:db8::1`, `fe80::1%eth0` (whose zone is left out), `::ffff:203.0.113.7`; undefined for anything else. */
export function readIp(text: string): Ip | undefined {
  // The longest there is has 45 characters, and a zone some more; what is longer isn't worth taking apart.
  if (text.length > 64) return undefined
  if (!text.includes(':')) return readIpv4(text)
  const [head = '', tail, ...rest] = text.replace(/%[\w.-]+$/, '').split('::')
  if (rest.length > 0) return undefined
  const before = groupsOf(head, tail === undefined)
  const after = tail === undefined ? [] : groupsOf(tail, true)
  if (!before || !after) return undefined
  const absent = 8 - before.length - after.length
  if (tail === undefined ? absent !== 0 : absent < 1) return undefined
  return [...before, ...Array<number>(absent).fill(0), ...after]
}

function readIpv4(text: string): Ip | undefined {
  const bytes = IPV4.exec(text)
  if (!bytes) return undefined
  const [a, b, c, d] = [Number(bytes[1]), Number(bytes[2]), Number(bytes[3]), Number(bytes[4])]
  return Math.max(a, b, c, d) > 255 ? undefined : [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d]
}

/** The last two groups may be written as IPv4. */
function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const dotted = last && parts.at(-1)!.includes('.') ? parts.pop() : undefined
  const ipv4 = dotted === undefined ? undefined : readIpv4(dotted)
  if (dotted !== undefined && !ipv4) return undefined
  if (!parts.every((part) => IS_GROUP.test(part))) return undefined
  return [...parts.map((part) => Number.parseInt(part, 16)), ...(ipv4 ? ipv4.slice(6) : [])]
}

export function isIpv4(ip: Ip): boolean {
  return MAPPED.every((group, i) => ip[i] === group)
}

/** `10.0.0.0/8`, `fd00::/8`, or one address; undefined for what is none, or whose address has bits beyond its length. */
export function readNetwork(text: string): Network | undefined {
  const [address = '', length, ...rest] = text.split('/')
  const ip = readIp(address)
  if (!ip || rest.length > 0) return undefined
  if (length === undefined) return { ip, bits: 128 }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) + (isIpv4(ip) ? 96 : 0) : 129
  return bits <= 128 && ip.every((group, i) => (group & hostBits(bits, i)) === 0) ? { ip, bits } : undefined
}

export function isIn(ip: Ip, { ip: first, bits }: Network): boolean {
  return ip.every((group, i) => ((group ^ first[i]!) & ~hostBits(bits, i)) === 0)
}

/** Of the group at this place, what is beyond a network's length. */
function hostBits(bits: number, place: number): number {
  return 0xffff >> Math.min(Math.max(bits - place * 16, 0), 16)
}

/** Of a holder's text (below), IPv6's, the /48 that it is in: one customer may hold all of that as well, 65,536 of them. Null: it is none of IPv6. */
export function networkOf(holder: string): string | null {
  return holder.endsWith('::/64') ? holder.split(':', 3).join(':') : null
}

/**
 * One text for whoever holds the address: IPv4 itself; of IPv6 the first 64 bits, since that is what one line is given, and its
 * holder goes by any of the rest.
 */
export function holderOf(ip: Ip): string {
  if (isIpv4(ip)) {
    const [high, low] = [ip[6]!, ip[7]!]
    return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
  }
  return `${ip
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

import type { Socket } from 'node:net'
import { later } from './later'

/** `address`: it has too many; `full`: there is no room; `room`: closed to make some; `ahead`: far too many requests at once */
export type Why = 'address' | 'full' | 'room' | 'ahead'

export interface CrowdOptions {
  /** connections in all */
  most: number
  /** connections of one address */
  ofOneAddress: number
  /** who holds an address; null: a proxy of ours, through which many come */
  holderOf(address: string): string | null
  /** of a holder's address the network that one customer may hold as cheaply as it; null: it is of none */
  networkOf(holder: string): string | null
  /** a connection that was turned away unread, that gave way, or that sent what nobody sends */
  onRefused(why: Why): void
}

/** For servers of this machine's own: as many as there are. */
export const ANY: CrowdOptions = {
  most: 4_000,
  ofOneAddress: 4_000,
  holderOf: (address) => address,
  networkOf: () => null,
  onRefused() {},
}

/** What all of such a network may have of what one address may: the same as of requests (http/limits.ts). */
const OF_A_NETWORK = 4

type Groups<C> = Map<string, Set<C>>

/** Who is connected, by address. */
export class Crowd<C extends Socket> {
  readonly all = new Set<C>()
  /** oldest first; proxies are in none */
  private readonly byHolder: Groups<C> = new Map()
  /** of all holders in it, oldest first */
  private readonly byNetwork: Groups<C> = new Map()

  /** `isIdle`: nothing is lost when it is closed */
  constructor(
    private readonly options: CrowdOptions,
    private readonly isIdle: (connection: C) => boolean,
  ) {}

  /**
   * Lets a connection in, or closes it before a byte of it is read. When it is full, whoever has the most connections gives the
   * oldest that waits for nothing, so that who opens many doesn't keep the others out.
   */
  take(connection: C): boolean {
    if (this.all.has(connection)) return true
    const holder = this.options.holderOf(connection.remoteAddress ?? '')
    const network = holder === null ? null : this.options.networkOf(holder)
    const why = this.whyNot(Math.max(share(this.byHolder, holder), share(this.byNetwork, network) / OF_A_NETWORK))
    if (why) {
      this.refuse(connection, why)
      return false
    }
    this.all.add(connection)
    const left = [join(this.byHolder, holder, connection), join(this.byNetwork, network, connection)]
    connection.once('close', () => {
      this.all.delete(connection)
      for (const leave of left) leave()
    })
    return true
  }

  /** `count`: what the newcomer's have, a network's by its measure. */
  private whyNot(count: number): Why | null {
    if (count >= this.options.ofOneAddress) return 'address'
    return this.all.size >= this.options.most && !this.makeRoom(count) ? 'full' : null
  }

  private makeRoom(newcomers: number): boolean {
    let largest: Set<C> | undefined
    let most = newcomers + 1
    for (const [groups, measure] of [
      [this.byHolder, 1],
      [this.byNetwork, OF_A_NETWORK],
    ] as const)
      for (const own of groups.values())
        if (own.size / measure > most) {
          largest = own
          most = own.size / measure
        }
    for (const one of largest ?? [])
      if (this.isIdle(one)) {
        this.refuse(one, 'room')
        return true
      }
    return false
  }

  refuse(connection: C, why: Why): void {
    this.options.onRefused(why)
    if (why === 'ahead') later(connection, () => connection.destroy())
    else connection.destroy()
  }
}

const share = <C>(groups: Groups<C>, of: string | null): number => (of === null ? 0 : (groups.get(of)?.size ?? 0))

/** Puts it among them; what is given takes it out. */
function join<C>(groups: Groups<C>, of: string | null, connection: C): () => void {
  if (of === null) return () => {}
  const own = groups.get(of) ?? new Set()
  groups.set(of, own.add(connection))
  return () => {
    if (own.delete(connection) && own.size === 0 && groups.get(of) === own) groups.delete(of)
  }
}

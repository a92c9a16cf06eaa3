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
  /** a connection that was turned away unread, that gave way, or that sent what nobody sends */
  onRefused(why: Why): void
}

/** For servers of this machine's own: as many as there are. */
export const ANY: CrowdOptions = {
  most: 4_000,
  ofOneAddress: 4_000,
  holderOf: (address) => address,
  onRefused() {},
}

/** Who is connected, by address. */
export class Crowd<C extends Socket> {
  readonly all = new Set<C>()
  /** oldest first; proxies are in none */
  private readonly byHolder = new Map<string, Set<C>>()

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
    const own = holder === null ? undefined : (this.byHolder.get(holder) ?? new Set())
    const count = own?.size ?? 0
    const why = this.whyNot(count)
    if (why) {
      this.refuse(connection, why)
      return false
    }
    this.all.add(connection)
    if (own) this.byHolder.set(holder!, own.add(connection))
    connection.once('close', () => {
      this.all.delete(connection)
      if (own?.delete(connection) && own.size === 0) this.byHolder.delete(holder!)
    })
    return true
  }

  private whyNot(count: number): Why | null {
    if (count >= this.options.ofOneAddress) return 'address'
    return this.all.size >= this.options.most && !this.makeRoom(count) ? 'full' : null
  }

  private makeRoom(newcomers: number): boolean {
    let largest: Set<C> | undefined
    for (const own of this.byHolder.values()) if (own.size > (largest?.size ?? newcomers + 1)) largest = own
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

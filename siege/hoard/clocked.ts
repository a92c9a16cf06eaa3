import type { Cluster, Redis } from 'ioredis'

const READS_TIME = /local time = redis\.call\('TIME'\)\s+return time\[1\] \* 1000 \+ time\[2\] \/ 1000/
const NOW = 'hoard:now'

/** The house's own scripts on a Redis whose time is ours to say: a day passes as fast as it is played. */
export interface Clocked {
  redis: Redis
  /** ms */
  setTo(now: number): Promise<void>
}

/** @throws Error when a script reads the time in another way than it did */
export function clocked(real: Redis | Cluster): Clocked {
  const scripts: Record<string, unknown> = {
    isCluster: false,
    // its connection stands for as long as is played
    on() {},
    defineCommand(name: string, { lua, numberOfKeys }: { lua: string; numberOfKeys: number }) {
      if (!READS_TIME.test(lua)) throw new Error(`${name} doesn't read the time where it is looked for`)
      const own = `hoard:${name}`
      real.defineCommand(own, {
        numberOfKeys,
        lua: lua.replace(READS_TIME, `return tonumber(redis.call('GET', '${NOW}'))`),
      })
      scripts[name] = (...args: unknown[]) =>
        (real as unknown as Record<string, (...a: unknown[]) => unknown>)[own]!(...args)
    },
  }
  return { redis: scripts as unknown as Redis, setTo: async (now) => void (await real.set(NOW, now)) }
}

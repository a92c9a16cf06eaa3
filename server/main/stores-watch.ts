import { watchFeedLag } from '../http/house-metrics'
import { apart } from '../sight/context'
import { countRedis, countSql, expectRedisVerb, watchPools } from '../sight/metrics'
import { traceDone } from '../sight/traces'
import type { Stores, StoreWatch } from '../stores'

/** What those who run the house see of its stores: main's part that times what is asked of Redis and PostgreSQL. */

/** Told of each statement and transaction, by whose connections it took. */
export const onSql: NonNullable<StoreWatch['onSql']> = (pool, kind, name, ms, error) => {
  countSql(pool, kind, ms / 1_000, error)
  traceDone(`sql ${name}`, ms, error !== undefined)
}

type Asks = (...args: never[]) => Promise<unknown>

/** The port, with each verb of it timed as `<name>`; what isn't named is passed on as it is. */
function timed<P extends object>(port: P, names: Partial<Record<keyof P & string, string>>): P {
  const all = Object.entries(names as Record<string, string>).map(([verb, name]) => {
    expectRedisVerb(name)
    const ask = (port as unknown as Record<string, Asks>)[verb]!
    const run: Asks = (...args) => {
      const began = performance.now()
      const over = (failed: boolean) => {
        const ms = performance.now() - began
        countRedis(name, ms / 1_000, failed)
        traceDone(`redis ${name}`, ms, failed)
      }
      const answer = ask(...args)
      answer.then(
        () => over(false),
        () => over(true),
      )
      return answer
    }
    return [verb, run]
  })
  return { ...port, ...Object.fromEntries(all) }
}

/** The stores, each call of Redis timed; and shows what their connections and the live feed are at. */
export function watchStores(stores: Stores): Stores {
  const { ports } = stores
  watchPools(stores.pools)
  watchFeedLag(stores.feedLag)
  const slots = timed(ports.slots, {
    ...{ take: 'take', confirm: 'confirm', paid: 'paid', release: 'release' },
    ...{ bar: 'bar', load: 'load', count: 'count', ping: 'ping' },
  })
  const shared = timed(ports.shared, { get: 'shared-get', put: 'shared-put', claim: 'shared-claim' })
  const counts = timed(ports.counts, { add: 'count-request' })
  return { ...stores, ports: { ...ports, slots, shared, counts, feed: feedOfAll(ports.feed) } }
}

/** The feed polls for all of its readers, whoever came first: none of it is a part of their request. */
function feedOfAll(feed: Stores['ports']['feed']): Stores['ports']['feed'] {
  return {
    ...feed,
    nudge: () => apart(() => feed.nudge()),
    subscribe: (...who) => apart(() => feed.subscribe(...who)),
  }
}

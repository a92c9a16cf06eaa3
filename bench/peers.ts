import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Redis } from 'ioredis'
import { Client } from 'pg'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { parentOf, usedBy } from './processor'
import { type Compared, compare } from './rounds'
import { CONNECTIONS, nextTurn, onRedis, ours, redisUs, SLOTS, turnOf, type Way } from './takes'
import { DURABLE } from './world'

/** How else a card is given to one payer alone; each as fast as it can be made without giving one twice. */

export interface Peer extends Compared {
  name: string
}

const FSYNC = { off: [], on: DURABLE } as const

/** {@link ours} beside each of them by turns: the same payers, decks and connections. */
export async function peers(redisUrl: string, options: { rounds: number; takesEach: number }): Promise<Peer[]> {
  const found: Peer[] = []
  await onRedis(redisUrl, async (connections) => {
    const beside = async (name: string, peer: Way) => {
      const turn = (way: Way) => () => turnOf(way, nextTurn(), options.takesEach)
      found.push({ name, ...(await compare(options.rounds, turn(ours(connections)), turn(peer))) })
    }
    await beside('WATCH, MULTI', watching(connections))
    await beside('lock, LPOP', locking(connections))
    for (const fsync of postgresMissing() ? [] : (['off', 'on'] as const))
      await skippingLocked(FSYNC[fsync], (way) => beside(`SKIP LOCKED, fsync ${fsync}`, way))
  })
  return found
}

type Connections = readonly (Redis | Cluster)[]

/** A hash of who has which card, watched while it is read; begun anew where another was quicker. Two round trips at least. */
export function watching(connections: Connections): Way {
  let decks: string[] = []
  return {
    async lay(turn, count) {
      decks = Array.from({ length: count }, (_, i) => `peer:watched:${turn}:${i}`)
    },
    async take(worker, deck, payer) {
      const redis = connections[worker]!
      const key = decks[deck]!
      for (;;) {
        const [, read] = (await redis.pipeline().watch(key).hlen(key).exec())!
        const card = Number(read![1])
        if (card >= SLOTS) throw new Error('peers: sold out')
        if (await redis.multi().hset(key, card, payer).exec()) return card
      }
    },
    async taken() {
      let taken = 0
      for (const key of decks) taken += await connections[0]!.hlen(key)
      return taken
    },
    storeUs: () => redisUs(connections[0]!),
  }
}

/** Ended by who holds it alone. */
const UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
const LOCK_MS = 5_000

/** A lock of the deck, a list of its cards, a hash of who has which. Three round trips at least; who finds it locked asks again. */
export function locking(connections: Connections): Way {
  let decks: string[] = []
  for (const redis of connections) redis.defineCommand('bench:unlock', { numberOfKeys: 1, lua: UNLOCK })
  const unlock = (redis: Redis | Cluster, lock: string, payer: string): Promise<unknown> =>
    (redis as unknown as Record<string, (lock: string, payer: string) => Promise<unknown>>)['bench:unlock']!(
      lock,
      payer,
    )
  return {
    async lay(turn, count) {
      decks = Array.from({ length: count }, (_, i) => `peer:locked:${turn}:${i}`)
      const cards = Array.from({ length: SLOTS }, (_, card) => card)
      for (const key of decks) await connections[0]!.rpush(key, ...cards)
    },
    async take(worker, deck, payer) {
      const redis = connections[worker]!
      const key = decks[deck]!
      const lock = `${key}:lock`
      while ((await redis.set(lock, payer, 'PX', LOCK_MS, 'NX')) === null) await sleep(1)
      const card = await redis.lpop(key)
      if (card === null) throw new Error('peers: sold out')
      await Promise.all([redis.hset(`${key}:whose`, card, payer), unlock(redis, lock, payer)])
      return Number(card)
    },
    async taken() {
      let taken = 0
      for (const key of decks) taken += await connections[0]!.hlen(`${key}:whose`)
      return taken
    },
    storeUs: () => redisUs(connections[0]!),
  }
}

/** Select and update as one statement, one round trip: the quickest form there is of it. */
const TAKE = `update peer_cards set payer = $2 where (deck, card) =
  (select deck, card from peer_cards where deck = $1 and payer is null order by card limit 1 for update skip locked) returning card`

/** A row a card, on a PostgreSQL of its own. */
export async function skippingLocked(settings: readonly string[], use: (way: Way) => Promise<void>): Promise<void> {
  const postgres = await startOwnPostgres(settings)
  const clients: Client[] = []
  try {
    const { pool } = await postgres.fresh()
    await pool.query('create table peer_cards (deck text, card int, payer text, primary key (deck, card))')
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
    const server = parentOf(rows[0]!.pid)
    for (let i = 0; i < CONNECTIONS; i++) {
      clients.push(new Client(postgres.connection()))
      await clients[i]!.connect()
    }
    let name = ''
    await use({
      async lay(turn, count) {
        name = `${turn}:`
        await pool.query(
          'insert into peer_cards select $1 || deck, card from generate_series(0, $2 - 1) deck, generate_series(0, $3 - 1) card',
          [name, count, SLOTS],
        )
        await pool.query('vacuum analyze peer_cards')
      },
      async take(worker, deck, payer) {
        const taken = await clients[worker]!.query<{ card: number }>({
          ...{ name: 'take', text: TAKE, values: [name + deck, payer] },
        })
        if (!taken.rows[0]) throw new Error('peers: sold out')
        return taken.rows[0].card
      },
      async taken() {
        const counted = await pool.query('select from peer_cards where payer is not null and starts_with(deck, $1)', [
          name,
        ])
        return counted.rowCount!
      },
      storeUs: async () => usedBy(server),
    })
  } finally {
    for (const client of clients) await client.end()
    await postgres.stop()
  }
}

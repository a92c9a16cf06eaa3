import type { Cluster, Redis } from 'ioredis'
import { CompiledQuery, sql as raw } from 'kysely'
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../../harness/redis'
import { deckKeys, masterKeys } from '../../../../server/domain/key-ring'
import { amountsOf } from '../../../../server/flow/deck/cards'
import { closeDecks } from '../../../../server/flow/deck/close-decks'
import { dealDay } from '../../../../server/flow/deck/deal-day'
import { shopfront } from '../../../../server/flow/merchant/show'
import { pay } from '../../../../server/flow/payment/pay'
import { quote } from '../../../../server/flow/payment/quote'
import type { Slots } from '../../../../server/flow/ports'
import { sayMissingKeys } from '../../../../server/main/watch'
import { redisSlots } from '../../../../server/store/redis/slots'
import { sqlAgreements } from '../../../../server/store/sql/agreement/agreements'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import { sqlCatalog } from '../../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { CAMPAIGN, MERCHANT, startFlow, TODAY } from '../../../support/flow'

const CODES = ['M0001', 'M0002'] as const
/** Cards that look like no other number that is kept anywhere. */
const RULE = {
  ...CAMPAIGN.rule,
  thresholdFen: 50_000,
  minFen: 20_011,
  bandMinFen: 30_011,
  bandMaxFen: 39_989,
  maxFen: 49_991,
}
const TERMS = { ...CAMPAIGN, rule: RULE, budgetFen: 9_000_017 }

/** What somebody has of cards to come who reads, or writes, all of the ledger and all of Redis, and has no master key. */
export function atRest(fresh: () => Promise<Sql>): void {
  describe('at rest', () => {
    let sql: Sql
    let redis: TestRedis
    beforeAll(async () => {
      redis = await startTestRedis(hasRedisServer() ? 'redis-server' : 'js')
    })
    afterAll(() => redis?.stop())
    beforeEach(async () => {
      await redis.redis.flushall()
      sql = await fresh()
    })

    async function street() {
      const flow = startFlow({ campaign: null, limits: { dailyPerPayerFen: 10_000_000 } })
      const merchants = CODES.map((merchantCode) => ({ ...MERCHANT, merchantCode }))
      await seedFoodStreet(sql, { merchants, campaigns: [{ ...TERMS, merchantCodes: CODES }] })
      const onRedis = redisSlots(redis.redis)
      // The day is one that Redis's own clock has forgotten.
      const kept = Date.now() + 86_400_000
      const slots: Slots = { ...onRedis, load: (deck, count, used) => onRedis.load(deck, count, used, kept) }
      /** of a process that has just started */
      const process = (master = Buffer.alloc(32, 7)) => ({
        ...flow.deps,
        ledger: sqlLedger(sql),
        decks: sqlDecks(sql),
        agreements: sqlAgreements(sql),
        catalog: sqlCatalog(sql),
        slots,
        ...deckKeys(masterKeys(master)),
      })
      const ask = async (deps: ReturnType<typeof process>, payerId: string, merchantCode: string = CODES[0]) => {
        const asked = await quote(deps, { payerId, merchantCode, amountFen: 60_000, channel: 'bank' })
        if (asked.kind !== 'quoted') throw new Error(asked.kind)
        return asked.quote
      }
      const deps = process()
      await dealDay(deps, TODAY)
      const cardsOf = async (merchantCode: string) => {
        const deck = await deps.ledger.deck({ campaignId: 'street', merchantCode, businessDate: TODAY })
        return amountsOf(deps, deck!)!
      }
      return { flow, process, deps, ask, cardsOf }
    }
    const run = async (text: string) => (await sql.db.executeQuery(CompiledQuery.raw(text))).rows
    const everything = async () => [...(await everyRow(sql)), ...(await everyKey(redis.redis))]

    it('nothing tells of a card to come, nor what some of them come to', async () => {
      const { deps, ask, cardsOf } = await street()
      for (const payer of ['p1', 'p2']) await ask(deps, payer)
      const found = await everything()
      expect(found.some((one) => one.includes('M0001'))).toBe(true)
      expect(found.some((one) => one.startsWith('fp3:{street:M0001}'))).toBe(true)
      for (const code of CODES) {
        const amountsFen = await cardsOf(code)
        expect(amountsFen).toHaveLength(5)
        expect(found.filter((one) => tells(one, amountsFen))).toEqual([])
        // Who looks for them finds them where they are.
        const [first, ...rest] = amountsFen
        const packed = Buffer.concat(amountsFen.map((fen) => Buffer.of(fen >> 8, fen & 255))).toString('hex')
        const sum = amountsFen.reduce((a, b) => a + b)
        for (const planted of [`{${[...rest, first]}}`, `{"sum": ${sum}}`, `"\\\\x00${packed}"`, `${sum - first!}`])
          expect([planted, tells(planted, amountsFen)]).toEqual([planted, true])
      }
    })

    it('what is drawn is kept with its order, and a closed day in the clear, as the proof publishes it', async () => {
      const { flow, deps, ask, cardsOf } = await street()
      const amountsFen = await cardsOf(CODES[0])
      const drawn = await ask(deps, 'p1')
      expect(drawn.figures.discountFen).toBe(amountsFen[0])
      expect(await pay(deps, { payerId: 'p1', quoteId: flow.sealed(drawn), idempotencyKey: 'key-1' })).toMatchObject({
        order: { state: 'paid' },
      })
      const hidden = (await everything()).filter((one) => tells(one, amountsFen.slice(1)))
      expect(hidden).toEqual([])
      flow.pass(86_400_000)
      while ((await closeDecks(deps)) === 'more');
      expect(await cardsOf(CODES[0])).toEqual(amountsFen)
      const kept = await run('select amounts_fen, sealed, exposure_fen from decks order by merchant_code')
      expect(kept).toMatchObject([
        { amounts_fen: amountsFen, sealed: null, exposure_fen: amountsFen[0] },
        { sealed: null },
      ])
    })

    it('the seals of two merchants, exchanged, open neither, and everybody pays in full (I9)', async () => {
      const { flow, process, ask } = await street()
      await run(`update decks d set sealed = o.sealed from decks o where o.merchant_code <> d.merchant_code`)
      const deps = process()
      for (const code of CODES) expect(await ask(deps, 'p1', code)).toMatchObject({ reason: 'discount-unavailable' })
      expect(flow.faults.map(String)).toEqual(Array(2).fill(expect.stringContaining("its seal doesn't open")))
      const plain = await ask(deps, 'p1')
      expect(await pay(deps, { payerId: 'p1', quoteId: flow.sealed(plain), idempotencyKey: 'key-2' })).toMatchObject({
        order: { state: 'paid', figures: { payableFen: 60_000 } },
      })
    })

    it('other cards, in the clear and in its place, are nobody’s either', async () => {
      const { process, ask } = await street()
      await run(`update decks set sealed = null, amounts_fen = '{49991,39989,39989,39989,39989}'`)
      expect(await ask(process(), 'p1')).toMatchObject({ reason: 'discount-unavailable', card: null })
    })

    it('a process with another master key says which one it lacks, shows its pages, and quotes in full', async () => {
      const { flow, process, ask } = await street()
      const said: object[] = []
      const log = { error: (...line: object[]) => said.push(...line) } as never
      await sayMissingKeys(log, process())
      expect(said).toEqual([])
      const deps = process(Buffer.alloc(32, 8))
      await sayMissingKeys(log, deps)
      const { id } = masterKeys(Buffer.alloc(32, 7)).current
      expect(said).toEqual([{ missing: [id] }, expect.stringContaining('MASTER_KEYS_PREVIOUS')])
      expect(await shopfront(deps, CODES[0])).toMatchObject({ offer: { slots: 5, remaining: 5 } })
      expect(await ask(deps, 'p1')).toMatchObject({ reason: 'discount-unavailable' })
      flow.pass(86_400_000)
      while ((await closeDecks(deps)) === 'more');
      expect(await run('select count(*) as n from decks where closed_at is not null and sealed is not null')).toEqual([
        { n: 2 },
      ])
    })
  })
}

/** Whether a text tells one of the amounts, what the last of them come to, or, of bytes in hex, more than one packed. */
function tells(text: string, amountsFen: readonly number[]): boolean {
  const sums = amountsFen.map((_, from) => amountsFen.slice(from).reduce((a, b) => a + b))
  const wanted = new Set([...amountsFen, ...sums].map(String))
  if ((text.match(/\d+/g) ?? []).some((number) => wanted.has(number))) return true
  return (text.match(/(?:[0-9a-f]{2}){4,}/g) ?? []).some((hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const at = [...bytes.keys()].slice(0, -1)
    const big = new Set(at.map((i) => bytes.readUInt16BE(i)))
    const little = new Set(at.map((i) => bytes.readUInt16LE(i)))
    return [big, little].some((seen) => amountsFen.filter((fen) => seen.has(fen)).length > 1)
  })
}

async function everyRow(sql: Sql): Promise<string[]> {
  const { rows: tables } = await raw<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public'`.execute(sql.db)
  const rows = await Promise.all(
    tables.map(({ name }) =>
      raw<{ row: string }>`select row_to_json(t)::text as row from ${raw.table(name)} t`.execute(sql.db),
    ),
  )
  return rows.flatMap((one) => one.rows.map(({ row }) => row))
}

/** Each key, what kind it is and all that it holds, text and hex. */
async function everyKey(redis: Redis | Cluster): Promise<string[]> {
  const readers: Record<string, string[]> = {
    string: ['GET'],
    hash: ['HGETALL'],
    list: ['LRANGE', '0', '-1'],
    set: ['SMEMBERS'],
    zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
  }
  const all: string[] = []
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key)
    const [verb, ...more] = readers[type] ?? []
    if (!verb) throw new Error(`${key} is a ${type}`)
    const value = await redis.callBuffer(verb, key, ...more)
    for (const part of [value].flat() as Buffer[])
      all.push(`${key} ${type} ${part.toString('hex')}`, `${key} ${type} ${part.toString('latin1')}`)
  }
  return all
}

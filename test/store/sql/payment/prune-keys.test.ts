import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Order } from '../../../../server/domain/order'
import { audit } from '../../../../server/flow/audit/audit'
import { KEYS_KEPT_MS } from '../../../../server/flow/payment/keys'
import type { OpenOrder } from '../../../../server/flow/ports'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { pruneKeys } from '../../../../server/store/sql/payment/prune-keys'
import { takenBack } from '../../../support/taken-back'
import { chained, KEYS } from '../audit/books'
import { DATE, NOON, newOrder, opening, paid, SUCCEEDED, unique } from './ledger-orders'

const DAY_MS = 86_400_000
const NEXT = '2026-11-22'
const LATER = '2026-11-30'
const MIDNIGHT = NOON + DAY_MS / 2
/** Of what was opened at noon all is over. */
const OVER = NOON + KEYS_KEPT_MS + 1

describe.each(sqlEngines())('keys whose time is over, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const rows = async <Row>(text: string, values: unknown[] = [], on = sql) =>
    (await on.db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
  const open = async (order = newOrder(), changed: Partial<OpenOrder> = {}) => {
    const asked = opening(order, changed)
    expect(await sqlLedger(sql).openOrder(asked)).toEqual({ kind: 'opened' })
    return asked
  }
  const pay = async (order: Order) => {
    await sqlLedger(sql).endOrder(order, paid(order), { ...SUCCEEDED, raw: { status: 200 } })
    await chained(sql, DATE)
  }
  const packed = async (order = newOrder(), changed: Partial<OpenOrder> = {}) => {
    const asked = await open(order, changed)
    await pay(order)
    await packPapers(sql, LATER)
    return asked
  }
  const live = async () =>
    (await rows<{ no: string }>('select order_no as no from idempotency_keys order by 1')).map(({ no }) => no)
  const faults = async (on = sql) => {
    const { violations } = await audit({ books: sqlAudit(on, KEYS), campaignSecret: () => undefined })
    return violations.flatMap(({ code, faults }) => faults.map(({ subject }) => `${code} ${subject}`))
  }
  /** A retry as a BFF makes it: the same quote, under a number of its own. */
  const again = ({ order, idempotency }: OpenOrder, changed: Partial<Order> = {}, openBy: number | null = null) =>
    sqlLedger(sql).openOrder(opening({ ...order, orderNo: newOrder().orderNo, ...changed }, { idempotency, openBy }))

  it('go when they are packed and not before, and the books say the same as ever', async () => {
    const [one, other] = [await open(), await open()]
    await pay(one.order)
    const found = await faults()
    await packPapers(sql, NEXT)
    expect(await rows('select key, input_hash from packed_papers')).toEqual([
      { key: one.idempotency.key, input_hash: one.idempotency.inputHash },
    ])
    expect(await pruneKeys(sql, NOON)).toEqual({ keys: 0 })
    expect(await live()).toHaveLength(2)
    expect(await faults()).toEqual(found)
    expect(await pruneKeys(sql, NOON + 1)).toEqual({ keys: 1 })
    expect(await live()).toEqual([other.order.orderNo])
    expect(await faults()).toEqual(found)
    expect(await pruneKeys(sql, OVER)).toEqual({ keys: 0 })
  })

  it('pay nothing twice: with their quote they are refused, by a clock that stands still as well', async () => {
    const asked = await packed()
    await pruneKeys(sql, OVER)
    expect(await sqlLedger(sql).orderByKey(asked.order.payerId, asked.idempotency.key)).toBeUndefined()
    // A BFF whose clock went back takes the quote for good still; the ledger knows it, and its own clock.
    expect(await again(asked)).toEqual({ kind: 'quote-used' })
    expect(await again(asked, {}, 1)).toEqual({ kind: 'quote-used' })
    expect(await again(asked, { quoteNonce: unique('quote') }, 1)).toEqual({ kind: 'too-late' })
    expect(await rows('select from orders')).toHaveLength(1)
  })

  it('are as good as new with another quote, and the books know both orders', async () => {
    const asked = await packed()
    expect(await again(asked, { quoteNonce: unique('quote') })).toMatchObject({ kind: 'replayed' })
    const otherHash = { ...asked, idempotency: { ...asked.idempotency, inputHash: 'b2'.repeat(32) } }
    expect(await again(otherHash, { quoteNonce: unique('quote') })).toEqual({ kind: 'key-reused' })
    await pruneKeys(sql, OVER)
    const order = {
      ...newOrder({ createdAt: OVER + DAY_MS, businessDate: '2026-11-23' }),
      payerId: asked.order.payerId,
    }
    await packed(order, { idempotency: otherHash.idempotency })
    const found = await faults()
    expect(found.filter((one) => /key-not-once|not-as-chained/.test(one))).toEqual([])
    await pruneKeys(sql, OVER + 2 * DAY_MS)
    expect(await live()).toEqual([])
    expect(await faults()).toEqual(found)
  })

  it('are good over midnight, after their day was packed and for all of their time', async () => {
    const asked = await packed(newOrder({ createdAt: MIDNIGHT - 1 }))
    for (const now of [MIDNIGHT + 1, MIDNIGHT - 1 + KEYS_KEPT_MS]) {
      await pruneKeys(sql, now - KEYS_KEPT_MS)
      expect(await again(asked)).toMatchObject({ kind: 'replayed', order: { orderNo: asked.order.orderNo } })
    }
    await pruneKeys(sql, MIDNIGHT)
    expect(await live()).toEqual([])
  })

  it('of orders without an ending stay, and go with the packing when that comes late', async () => {
    const asked = await open()
    await packed()
    await pruneKeys(sql, OVER + 5 * DAY_MS)
    expect(await live()).toEqual([asked.order.orderNo])
    await pay(asked.order)
    const found = await faults()
    expect((await packPapers(sql, NEXT)).orders).toBe(1)
    expect(await live()).toEqual([])
    expect(await faults()).toEqual(found)
    // a clock that was set back unknows nothing
    expect(await pruneKeys(sql, NOON - DAY_MS)).toEqual({ keys: 0 })
    expect(await faults()).toEqual(found)
  })

  it('of packs from before, that an older version made, and not as we write them, stay for good', async () => {
    const strange = await packed(newOrder(), { idempotency: { key: 'key-of-old', inputHash: 'no SHA-256' } })
    await packed()
    const found = await faults()
    await takenBack(sql, async (inside) => {
      const run = (text: string) => rows(text, [], inside)
      await run('set local session_replication_role = replica')
      await run('update order_papers set keys = null, input_hashes = null')
      expect(await pruneKeys(inside, OVER)).toEqual({ keys: 0 })
      expect(await faults(inside)).toEqual(found)
    })
    await takenBack(sql, async (inside) => {
      // an older version may run beside us
      await rows('delete from idempotency_keys_pruned', [], inside)
      expect(await pruneKeys(inside, OVER)).toEqual({ keys: 0 })
      expect(await faults(inside)).toEqual(found)
    })
    expect(await pruneKeys(sql, OVER)).toEqual({ keys: 1 })
    expect(await live()).toEqual([strange.order.orderNo])
    expect(await faults()).toEqual(found)
  })

  it('go pack by pack, and a run that is cut off is finished by the next', async () => {
    for (let n = 0; n < 5; n++) await packed()
    const first = await pruneKeys(sql, OVER, undefined, 2)
    expect(first).toMatchObject({ keys: 2, next: { date: DATE } })
    expect(await pruneKeys(sql, OVER, first.next, 2)).toMatchObject({ keys: 2 })
    const found = await faults()
    expect(await pruneKeys(sql, OVER, undefined, 6)).toEqual({ keys: 1 })
    expect(await faults()).toEqual(found)
    // what was looked at to its end isn't looked at again
    expect(await rows('select before_date from idempotency_keys_pruned')).toEqual([{ before_date: NEXT }])
  })

  it.each([
    ['one that is gone before its time', 'delete from idempotency_keys', ['key-not-once']],
    [
      'one that stands for something else by now, which is not pruned',
      `update idempotency_keys set input_hash = repeat('0', 64)`,
      ['key-not-once', 'not-as-chained'],
    ],
    ['one that is given to somebody else', `update idempotency_keys set payer_id = 'somebody'`, ['key-not-once']],
    [
      'a second one',
      `insert into idempotency_keys select payer_id, 'key-of-mine', input_hash, order_no from idempotency_keys`,
      ['key-not-once', 'not-as-chained'],
    ],
  ])('are looked at while they are live and packed: %s', async (_, how, codes) => {
    const asked = await packed()
    const found = await faults()
    await rows(how)
    const now = (await faults()).filter((one) => !found.includes(one))
    expect([...new Set(now.map((one) => one.split(' ')[0]))].sort()).toEqual(codes)
    if (how.startsWith('update')) {
      await pruneKeys(sql, OVER)
      expect(await live()).toEqual([asked.order.orderNo])
    }
  })
})

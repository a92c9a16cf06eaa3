import { Client, DatabaseError, type PoolClient } from 'pg'
import { postgresMissing, startTestPostgres, type TestSql } from '../../../harness/sql'
import { eventually } from '../../../harness/system'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { openSql, type Sql, type SqlOptions } from '../../../server/store/sql/open-sql'
import { beat } from '../../../server/store/sql/payment/heartbeat'
import { type SwitchOver, switchOver, TakesNoWrites } from '../../../server/store/sql/switch-over'
import { sqlTime } from '../../../server/store/sql/time'

describe('connections of the ledger', () => {
  const one = () => new Client()
  const primary = { standby: false, readOnly: false, started: '1' }
  const readOnly = new DatabaseError('read-only', 0, 'error')
  readOnly.code = '25006'
  const said = (over: SwitchOver, ...started: string[]) =>
    started.map((at) => {
      const client = one()
      over.made(client, { ...primary, started: at })
      return client
    })

  it('end together when the first of them meets a server that takes no writes, once however many meet it', () => {
    const told: string[] = []
    const over = switchOver((why) => told.push(why))
    const [first, second] = said(over, '1', '1')
    expect([over.isOver(first!), over.isOver(second!)]).toEqual([false, false])
    over.met(first!, readOnly)
    over.met(second!, readOnly)
    expect([over.isOver(first!), over.isOver(second!), told]).toEqual([true, true, ['refused']])
    const [next] = said(over, '1')
    expect(over.isOver(next!)).toBe(false)
    // What an old one meets is no news of the new one.
    over.met(second!, readOnly)
    expect([over.isOver(next!), over.doubts()]).toEqual([false, 1])
  })

  it('end when one of them is at another server, which is counted', () => {
    const over = switchOver()
    const [first] = said(over, '1')
    expect(over.doubts()).toBe(0)
    const [second] = said(over, '2')
    expect([over.isOver(first!), over.isOver(second!), over.doubts()]).toEqual([true, false, 1])
    // Through a pooler, where no connection of ours ended.
    over.seen('3')
    expect([over.isOver(second!), over.doubts()]).toEqual([true, 2])
  })

  it('stay for what is only slow or refused, and end for a cut one and for a server that is told to end', () => {
    const ends = (error: unknown) => {
      const over = switchOver()
      const [client] = said(over, '1')
      over.met(client!, error)
      return over.isOver(client!)
    }
    const sql = (code: string) => Object.assign(new DatabaseError('said', 0, 'error'), { code })
    for (const code of ['57014', '23505', '53300', '40P01']) expect([code, ends(sql(code))]).toEqual([code, false])
    for (const code of ['57P01', '57P02', '08006']) expect([code, ends(sql(code))]).toEqual([code, true])
    expect(ends(new Error('Query read timeout'))).toBe(false)
    expect(ends(new Error('Connection terminated unexpectedly'))).toBe(true)
    expect(ends(Object.assign(new Error('read'), { code: 'ECONNRESET' }))).toBe(true)
  })

  it('aren’t made to a standby, but by who reads alone', () => {
    const over = switchOver()
    for (const wrong of [{ standby: true }, { readOnly: true }])
      expect(() => over.made(one(), { ...primary, ...wrong })).toThrow(TakesNoWrites)
    expect(() => over.made(one(), { ...primary, standby: true }, true)).not.toThrow()
  })
})

/** A connection that stays is a failure, and no hang. */
const WITHIN_MS = 20_000

const missing = postgresMissing()
if (missing) console.warn(missing)
;(missing ? describe.skip : describe)('a PostgreSQL that takes no writes any more', () => {
  let engine: TestSql
  const open: Sql[] = []
  beforeAll(async () => {
    engine = await startTestPostgres()
  })
  beforeEach(() => engine.fresh())
  afterEach(async () => {
    for (const sql of open.splice(0)) await sql.close()
  })
  afterAll(() => engine?.stop())

  const opened = (options: SqlOptions = {}) => {
    const sql = openSql({ ...engine.connection(), connectionTimeoutMillis: 60_000, ...options })
    open.push(sql)
    return sql
  }
  const pid = async (client: PoolClient) =>
    (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid

  /** So many connections that are open and idle, each to what has become a standby. */
  async function demoted(sql: Sql, count: number): Promise<number[]> {
    const clients = await Promise.all(Array.from({ length: count }, () => sql.pool.connect()))
    const pids = await Promise.all(clients.map(pid))
    for (const client of clients) {
      await client.query('set session characteristics as transaction read only')
      client.release()
    }
    return pids
  }
  const alive = async (sql: Sql, pids: number[]) =>
    (
      await sql.run<{ pid: number }>({ name: 'alive', text: 'select pid from pg_stat_activity where pid = any($1)' }, [
        pids,
      ])
    ).length

  it('costs no payer anything where the primary is found at once: what it refused is done there, and no old connection is used again', async () => {
    // More than a statement is tried.
    const sql = opened({ max: 7 })
    const pids = await demoted(sql, 7)
    await beat(sql)
    await sql.transaction(async (tx) => {
      await tx
        .updateTable('heartbeat' as never)
        .set({ at: new Date() } as never)
        .execute()
    })
    const looks = opened()
    await eventually(async () => ((await alive(looks, pids)) === 0 ? true : undefined), WITHIN_MS)
    expect(sql.pool.totalCount).toBe(1)
  })

  it('makes what was decided by its word fail, once, and isn’t asked the next time', async () => {
    const sql = opened({ max: 2 })
    await demoted(sql, 2)
    const beating = {
      name: 'decided',
      text: 'insert into heartbeat (one, at) values (true, now()) on conflict (one) do update set at = now()',
    }
    await expect(sql.run({ ...beating, decided: true }, [])).rejects.toThrow(LedgerUnavailable)
    await sql.run({ ...beating, decided: true }, [])
  })

  it('ends the connections of other pools, too, and busy ones as soon as they are given back', async () => {
    const over = switchOver()
    const [payments, desk] = [opened({ max: 2, over }), opened({ max: 1, over })]
    let free = () => {}
    const freed = new Promise<void>((resolve) => {
      free = resolve
    })
    let busy = 0
    const transaction = desk.snapshot(async (tx) => {
      const { rows } = await tx.executeQuery<{ pid: number }>({
        ...tx.selectFrom('heartbeat' as never).compile(),
        sql: 'select pg_backend_pid() as pid',
      } as never)
      busy = rows[0]!.pid
      await freed
    })
    await eventually(async () => busy || undefined)
    await demoted(payments, 1)
    await beat(payments)
    expect(await alive(payments, [busy])).toBe(1)
    free()
    await transaction
    await eventually(async () => ((await alive(payments, [busy])) === 0 ? true : undefined), WITHIN_MS)
  })

  it('isn’t connected to, whoever else finds it so; who only reads may', async () => {
    const admin = opened()
    const { database } = engine.connection()
    await admin.pool.query(`alter database ${database} set default_transaction_read_only = on`)
    const now = { name: 'one', text: 'select 1 as one' }
    await expect(opened().run(now, [])).rejects.toThrow(TakesNoWrites)
    expect(await opened({ reads: true }).run(now, [])).toEqual([{ one: 1 }])
    await admin.pool.query(`alter database ${database} reset default_transaction_read_only`)
  })

  it('is seen by whoever asks for the time, though no connection ended', async () => {
    const told: string[] = []
    const sql = opened({ over: { ...switchOver(), seen: (started) => void told.push(started) } })
    await sqlTime(sql)
    const began = 'select extract(epoch from pg_postmaster_start_time())::text as at'
    expect(told).toEqual((await sql.run<{ at: string }>({ name: 'began', text: began }, [])).map(({ at }) => at))
  })
})

import { sql as raw } from 'kysely'
import { keysFor, masterKeys } from '../../../../server/domain/key-ring'
import { deedLog, writeDeed } from '../../../../server/store/sql/deed/log'
import { holdLedgerKeys, WrongMasterKey } from '../../../../server/store/sql/ledger-keys'
import type { Sql } from '../../../../server/store/sql/open-sql'

const key = (byte: number) => Buffer.alloc(32, byte)
const [OLD, NEW, STRANGE] = [key(1), key(2), key(3)]

/** Which master keys may open a ledger. */
export function ledgerKeys(fresh: () => Promise<Sql>): void {
  describe('the ledger’s master keys', () => {
    let sql: Sql
    beforeEach(async () => {
      sql = await fresh()
    })
    const hold = (current: Buffer, ...previous: Buffer[]) => holdLedgerKeys(sql, masterKeys(current, previous))
    const look = (current: Buffer, ...previous: Buffer[]) => holdLedgerKeys(sql, masterKeys(current, previous), 'look')
    const noted = async () => (await sql.db.selectFrom('ledger_keys').selectAll().orderBy('key_no').execute()).length
    const refused = (asked: Promise<void>) => expect(asked).rejects.toThrow(WrongMasterKey)

    it('are whoever’s comes first; another is refused, by name of what to set, and nothing is noted of it', async () => {
      await hold(OLD)
      await hold(OLD)
      await refused(hold(STRANGE))
      await expect(hold(STRANGE, NEW)).rejects.toThrow(/MASTER_KEY nor in MASTER_KEYS_PREVIOUS/)
      expect(await noted()).toBe(1)
    })

    it('of two that come at once one has it, and the other is refused', async () => {
      const open = await gate()
      const asked = Promise.allSettled([hold(OLD), hold(STRANGE)])
      await open()
      const both = await asked
      expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: expect.any(WrongMasterKey) })
      await hold(both[0]!.status === 'fulfilled' ? OLD : STRANGE)
      expect(await noted()).toBe(1)
    })

    /** Keeps all from the table until two wait for it, so that neither has read it before the other; where there is one connection they come in turn. */
    async function gate(): Promise<() => Promise<void>> {
      if (sql.pool.options.max === 1) return async () => {}
      const keeper = await sql.pool.connect()
      await keeper.query('begin')
      await keeper.query('lock table ledger_keys in access exclusive mode')
      const waiting = `select count(*)::int as n from pg_locks where not granted and relation = 'ledger_keys'::regclass`
      return async () => {
        while ((await keeper.query<{ n: number }>(waiting)).rows[0]!.n < 2)
          await new Promise((round) => setTimeout(round, 5))
        await keeper.query('commit')
        keeper.release()
      }
    }

    it('change by a key that names the one before, and who doesn’t know the new one is refused from then on', async () => {
      await hold(OLD)
      // The way without a moment's stop: everybody knows the new one first.
      await hold(OLD, NEW)
      expect(await noted()).toBe(1)
      await hold(NEW, OLD)
      await hold(OLD, NEW)
      expect(await noted()).toBe(2)
      await refused(hold(OLD))
      // What is old may be dropped.
      await hold(NEW)
      await refused(hold(STRANGE, OLD))
    })

    it('are only looked at by who only reads, who notes nothing', async () => {
      await look(OLD)
      expect(await noted()).toBe(0)
      await hold(OLD)
      await look(NEW, OLD)
      await refused(look(NEW))
      expect(await noted()).toBe(1)
    })

    it('of a ledger from before they were noted are told by what was made with them last', async () => {
      const at = Date.UTC(2026, 10, 20)
      const deed = { at, username: 'root', action: 'any', subject: 'operator/any' }
      await writeDeed(sql, deedLog(keysFor('deed log', masterKeys(OLD))), deed)
      await refused(look(STRANGE))
      await refused(hold(STRANGE))
      await hold(NEW, OLD)
      expect(await noted()).toBe(1)
    })

    it('can’t be changed or forgotten', async () => {
      await hold(OLD)
      for (const statement of ['delete from ledger_keys', "update ledger_keys set check_value = repeat('0', 64)"])
        await expect(raw.raw(statement).execute(sql.db)).rejects.toThrow()
      await refused(hold(STRANGE))
    })
  })
}

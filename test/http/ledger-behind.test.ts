import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { asked, tool } from '../../chaos/drill'
import { type Cluster, createDatabase, dump, fromDump, startCluster } from '../../harness/backups'
import { hasRedisServer, startTestRedis, type TestRedis } from '../../harness/redis'
import { databaseUrl, postgresMissing } from '../../harness/sql'
import { eventually, startTestSystem, type TestSystem } from '../../harness/system'
import { startTcpSwitch, type TcpSwitch } from '../../harness/tcp-switch'

const missing = postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: a ledger behind (no redis-server)')
if (missing) console.warn(missing)

const DATABASE = 'house'
const socketOf = ({ folder }: Cluster) => join(folder, '.s.PGSQL.5432')

/** A BFF that went on, and an empty-handed standby: it took over before it had heard of the day's decks. */
;(missing ? describe.skip : describe)('a ledger that is behind the one before', () => {
  const sites: Cluster[] = []
  let system: TestSystem
  let redis: TestRedis
  let address: TcpSwitch
  beforeAll(async () => {
    const site = await startCluster()
    sites.push(site)
    await createDatabase(site, DATABASE)
    redis = await startTestRedis('redis-server')
    address = await startTcpSwitch(socketOf(site))
    const url = `postgres://postgres@127.0.0.1:${address.port}/${DATABASE}`
    system = await startTestSystem({ DATABASE_URL: url, REDIS_URL: redis.url, DEAL_AHEAD: 'off' })
  })
  afterAll(async () => {
    await system?.stop()
    await address?.stop()
    await redis?.stop()
    for (const site of sites) {
      await site.lose().catch(() => {})
      rmSync(site.folder, { recursive: true, force: true })
    }
  })

  it('is what decks are held against: no card is paid that it doesn’t know of, and the next quote deals it', async () => {
    const payer = await system.payer('payer-1')
    // A first payment binds the payer's account; its shop is in the campaign, too, and its deck is dealt before the copy.
    await payer.pay((await payer.quote(1_000, 'M0002')).body.quoteId)
    const file = await dump(sites[0]!, DATABASE)
    // Somebody pays there: what the deck is paid from is remembered, and is lost with it.
    const other = await system.payer('payer-2')
    expect((await other.pay((await other.quote(10_000)).body.quoteId)).body).toMatchObject({
      state: 'paid',
      slotNumber: 1,
    })
    const { body: before } = await payer.quote(10_000)
    expect(before.discountFen).toBeGreaterThan(0)

    const behind = await fromDump(file, DATABASE)
    sites.push(behind)
    address.to(socketOf(behind))
    await sites[0]!.lose()
    const refused = await eventually(async () => {
      const answer = await payer.pay(before.quoteId, 'behind-key-1-00000000')
      return answer.status === 503 ? undefined : answer
    })
    expect(refused.body).toMatchObject({ code: 'quote-expired' })
    const decks = () =>
      asked(behind.connection(DATABASE), `select from decks where merchant_code = 'M0001' and campaign_id = $1`, [
        'food-street',
      ])
    expect(await decks()).toHaveLength(0)
    const { body: again } = await payer.quote(10_000)
    expect([again.discountFen, (await decks()).length]).toEqual([before.discountFen, 1])
    expect((await payer.pay(again.quoteId)).body).toMatchObject({ state: 'paid', discountFen: again.discountFen })
    const audit = await tool(system, { DATABASE_URL: databaseUrl(behind.connection(DATABASE)) }, 'audit')
    expect(audit).toMatchObject({ clean: true })
  })
})

import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Identities, KeptIdentity } from '../../../../server/flow/ports'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlIdentities } from '../../../../server/store/sql/payer/identities'
import { sqlTraces } from '../../../../server/store/sql/payment/traces'

const NOW = 1_795_851_600_000
const weapp = (who: string): KeptIdentity => ({
  provider: 'wechat',
  appId: 'wx-weapp',
  subjectHash: `weapp ${who}`,
  keyId: 'k1',
  formerHashes: [],
  sealedSubject: `sealed ${who}`,
})
const page = (who: string): KeptIdentity => ({ ...weapp(who), appId: 'wx-page', subjectHash: `page ${who}` })
const union = (who: string): KeptIdentity => ({
  provider: 'wechat-union',
  appId: '',
  subjectHash: `union ${who}`,
  keyId: 'k1',
  formerHashes: [],
  sealedSubject: null,
})
/** The same identity under the second key, by a process that knows the first one as well. */
const rotated = (identity: KeptIdentity): KeptIdentity => ({
  ...identity,
  subjectHash: `${identity.subjectHash} k2`,
  keyId: 'k2',
  formerHashes: [identity.subjectHash],
  sealedSubject: identity.sealedSubject && `${identity.sealedSubject} k2`,
})
/** By a process that knows the second key, and still keeps under the first. */
const ahead = (identity: KeptIdentity): KeptIdentity => ({
  ...identity,
  formerHashes: [rotated(identity).subjectHash],
})

describe.each(sqlEngines())('who an identity is, $name', ({ start }) => {
  let engine: TestSql
  let identities: Identities
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())
  let sql: Sql
  beforeEach(async () => {
    sql = await engine.fresh()
    identities = sqlIdentities(sql)
  })

  let made = 0
  const who = (identity: KeptIdentity, of: KeptIdentity | null = null) =>
    identities.personOf(identity, of, `p_${++made}`, NOW)

  it('is known by when and from where it logged in last, for a while; a union was never seen', async () => {
    const seen = async () => {
      const rows = await sql.db
        .selectFrom('identities')
        .select(['subject_hash', 'seen_at', 'address_hash', 'device_hash'])
        .orderBy('subject_hash')
        .execute()
      return rows.map((row) => Object.values(row))
    }
    const [li, unionOfLi] = [weapp('li'), union('li')]
    const logIn = (at: number, addressHash: string | null, deviceHash: string | null) =>
      identities.personOf(li, unionOfLi, 'p_li', at, { addressHash, deviceHash })
    const rowOf = (of: KeptIdentity, ...row: unknown[]) => [of.subjectHash, ...row]
    const sorted = (...rows: unknown[][]) => rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    await logIn(NOW, 'home', 'telephone')
    const unseen = rowOf(unionOfLi, null, null, null)
    expect(sorted(...(await seen()))).toEqual(sorted(rowOf(li, NOW, 'home', 'telephone'), unseen))
    await logIn(NOW + 1, 'shop', null)
    expect(sorted(...(await seen()))).toEqual(sorted(rowOf(li, NOW + 1, 'shop', null), unseen))
    expect(await sqlTraces(sql).clear(NOW + 1, 10)).toBe(0)
    expect(await sqlTraces(sql).clear(NOW + 2, 10)).toBe(1)
    expect(sorted(...(await seen()))).toEqual(sorted(rowOf(li, NOW + 1, null, null), unseen))
  })

  it('is told, of a platform whose subjects are kept, from the app they came by last', async () => {
    const li = await identities.personOf(page('li'), union('li'), 'p_li', NOW)
    await identities.personOf(weapp('li'), union('li'), 'p_li2', NOW + 1)
    await who(weapp('wang'))
    const kept = (one: KeptIdentity) => ({ appId: one.appId, keyId: 'k1', sealedSubject: one.sealedSubject })
    expect(await identities.identitiesOf(li, 'wechat')).toEqual([kept(weapp('li')), kept(page('li'))])
    await identities.personOf(page('li'), union('li'), 'p_li3', NOW + 2)
    expect(await identities.identitiesOf(li, 'wechat')).toEqual([kept(page('li')), kept(weapp('li'))])
    for (const other of ['wechat-union', 'alipay'] as const)
      expect(await identities.identitiesOf(li, other)).toEqual([])
    expect(await identities.identitiesOf('p_nobody', 'wechat')).toEqual([])
  })

  it('is somebody new the first time, and the same from then on', async () => {
    const [li, wang] = [await who(weapp('li')), await who(weapp('wang'))]
    expect(li).not.toBe(wang)
    expect([await who(weapp('li')), await who(weapp('wang'))]).toEqual([li, wang])
  })

  it('the same subject in another app is another person, unless their union says who they are', async () => {
    expect(await who({ ...weapp('li'), appId: 'wx-other' })).not.toBe(await who(weapp('li')))
    const wang = await who(weapp('wang'), union('wang'))
    expect(await who(page('wang'), union('wang'))).toBe(wang)
    expect(await who(page('wang'))).toBe(wang)
  })

  it('a union that is told later joins what is new from then on, and moves nobody', async () => {
    const before = await who(weapp('li'))
    const other = await who(page('li'))
    expect(await who(weapp('li'), union('li'))).toBe(before)
    expect(await who(page('li'), union('li'))).toBe(other)
    expect(await who({ ...page('li'), appId: 'wx-third' }, union('li'))).toBe(before)
  })

  it('asked many times at once, in both apps, it is one person', async () => {
    const asked = Array.from({ length: 12 }, (_, i) => who(i % 2 ? weapp('li') : page('li'), union('li')))
    expect(new Set(await Promise.all(asked)).size).toBe(1)
    const alone = Array.from({ length: 8 }, () => who(weapp('wang')))
    expect(new Set(await Promise.all(alone)).size).toBe(1)
  })

  it('is the same under a new key, and is kept under that one alone from the next log-in on', async () => {
    const li = await who(weapp('li'), union('li'))
    expect(await who(rotated(weapp('li')), rotated(union('li')))).toBe(li)
    const kept = await sql.db.selectFrom('identities').selectAll().orderBy('provider').execute()
    expect(kept.map(({ subject_hash, key_id, sealed_subject }) => [subject_hash, key_id, sealed_subject])).toEqual([
      ['weapp li k2', 'k2', 'sealed li k2'],
      ['union li k2', 'k2', null],
    ])
    // the first key is forgotten
    const known = { ...rotated(weapp('li')), formerHashes: [] }
    expect(await who(known)).toBe(li)
    expect(await who(weapp('li'))).not.toBe(li)
  })

  it('in another app, seen for the first time under the new key, the old key’s union says who it is', async () => {
    const li = await who(weapp('li'), union('li'))
    expect(await who(rotated(page('li')), rotated(union('li')))).toBe(li)
  })

  it('while processes keep under different keys, one person asked at once in both is one person', async () => {
    for (const name of ['li', 'wang', 'zhao']) {
      const asked = Array.from({ length: 12 }, (_, i) => {
        const [as, app] = [i % 2 ? rotated : ahead, i % 3 ? weapp : page]
        return who(as(app(name)), as(union(name)))
      })
      expect(new Set(await Promise.all(asked)).size).toBe(1)
    }
  })
})

import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Identities, KeptIdentity } from '../../../../server/flow/ports'
import { sqlIdentities } from '../../../../server/store/sql/payer/identities'

const NOW = 1_795_851_600_000
const weapp = (who: string): KeptIdentity => ({
  provider: 'wechat',
  appId: 'wx-weapp',
  subjectHash: `weapp ${who}`,
  sealedSubject: `sealed ${who}`,
})
const page = (who: string): KeptIdentity => ({ ...weapp(who), appId: 'wx-page', subjectHash: `page ${who}` })
const union = (who: string): KeptIdentity => ({
  provider: 'wechat-union',
  appId: '',
  subjectHash: `union ${who}`,
  sealedSubject: null,
})

describe.each(sqlEngines())('who an identity is, $name', ({ start }) => {
  let engine: TestSql
  let identities: Identities
  beforeAll(async () => {
    engine = await start()
  }, 300_000)
  afterAll(() => engine?.stop())
  beforeEach(async () => {
    identities = sqlIdentities(await engine.fresh())
  })

  let made = 0
  const who = (identity: KeptIdentity, of: KeptIdentity | null = null) =>
    identities.personOf(identity, of, `p_${++made}`, NOW)

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
})

import { randomBytes } from 'node:crypto'
import { masterKeys } from '../../server/domain/key-ring'
import { NO_TRACE } from '../../server/domain/trace'
import type { Identities, KeptIdentity, LoginProvider } from '../../server/flow/ports'
import { platformIdentity } from '../../server/login/identity'

describe('as a platform knows a person who came by two of its apps', () => {
  const app = (appId: string): LoginProvider => ({
    appId,
    exchange: async (code) => ({ provider: 'wechat', appId, subject: `${code} in ${appId}`, union: null }),
  })
  let kept: KeptIdentity[]
  const identities: Identities = {
    identitiesOf: async () => kept,
    async personOf(identity) {
      kept = [identity, ...kept.filter(({ appId }) => appId !== identity.appId)]
      return 'p_1'
    },
  }
  const identity = platformIdentity({
    providers: new Map([
      ['weapp', app('wx-mini')],
      ['wechat-h5', app('wx-page')],
    ]),
    otherwise: null,
    identities,
    masters: masterKeys(Buffer.alloc(32, 1)),
    clock: { now: () => 0 },
    random: randomBytes,
    traceOf: () => NO_TRACE,
  })
  const apps = async (platform?: string) =>
    (await identity.subjects('p_1', 'wechat', platform)).map(({ appId, subject }) => [appId, subject])
  const [mini, page] = [
    ['wx-mini', 'li in wx-mini'],
    ['wx-page', 'li in wx-page'],
  ]
  beforeEach(async () => {
    kept = []
    for (const platform of ['weapp', 'wechat-h5']) await identity.person(platform, 'li')
  })

  it('the app in which they are comes first, whichever they came by last: a payment of another can’t be confirmed there', async () => {
    expect(await apps('weapp')).toEqual([mini, page])
    expect(await apps('wechat-h5')).toEqual([page, mini])
  })

  it('where nobody knows in which they are, the one they came by last does', async () => {
    expect(await apps()).toEqual([page, mini])
    expect(await apps('bank-h5')).toEqual([page, mini])
    await identity.person('weapp', 'li')
    expect(await apps()).toEqual([mini, page])
  })
})

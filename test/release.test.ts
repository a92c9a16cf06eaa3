import { releaseOf } from '../config/release'

const APP_ID = 'wx0123456789abcdef'
const faultsOf = (env: NodeJS.ProcessEnv) => {
  try {
    releaseOf(env)
    return []
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
}

describe('what a build of the mini-program is for', () => {
  it('without a word it is the sandbox on this machine', () => {
    expect(releaseOf({})).toEqual({ apiOrigin: 'http://127.0.0.1:8787', sandbox: true, appId: 'touristappid' })
  })

  it.each(['https://pay.bank.example', 'https://pay.bank.example/', 'https://PAY.bank.example:8443'])(
    'with %s and an appid it is a release',
    (origin) => {
      const release = releaseOf({ FAPAI_API_ORIGIN: origin, FAPAI_APPID: APP_ID })
      expect(release).toEqual({ apiOrigin: origin.toLowerCase().replace(/\/$/, ''), sandbox: false, appId: APP_ID })
    },
  )

  it.each([
    ['http://pay.bank.example', 'must be https'],
    ['wss://pay.bank.example', 'must be https'],
    ['pay.bank.example', 'must be an origin, like https://pay.bank.example'],
    ['https://pay.bank.example/fapai', 'must be an origin without path or user'],
    ['https://user:word@pay.bank.example', 'must be an origin without path or user'],
    ...[
      'https://127.0.0.1:8787',
      'https://10.1.2.3',
      'https://[::1]',
      'https://2130706433',
      'https://localhost',
      'https://pay.localhost',
      'https://mac.local',
      'https://bff',
    ].map((origin) => [origin, 'must be a host that the world knows by name: no IP address, no host of this machine']),
  ])('a release that calls %s is refused: %s', (origin, why) => {
    expect(faultsOf({ FAPAI_API_ORIGIN: origin, FAPAI_APPID: APP_ID })).toEqual([`  FAPAI_API_ORIGIN: ${why}`])
  })

  it.each(['touristappid', '', 'wx0123', `${APP_ID}0`, 'WX0123456789ABCDEF'])(
    'a release under the appid "%s" is refused',
    (appId) => {
      expect(faultsOf({ FAPAI_API_ORIGIN: 'https://pay.bank.example', FAPAI_APPID: appId })).toEqual([
        '  FAPAI_APPID: must be the mini-program’s own, wx and 16 hex digits',
      ])
    },
  )

  it('an appid alone is half a release, and both faults are named at once', () => {
    expect(faultsOf({ FAPAI_APPID: 'touristappid' })).toHaveLength(2)
  })
})

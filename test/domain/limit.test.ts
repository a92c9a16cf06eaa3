import { VERIFICATIONS } from '../../server/domain/channel'
import { dailyLimitFen } from '../../server/domain/limit'

const LIMITS = { staticFen: 50_000, oneFactorFen: 100_000, twoFactorFen: 500_000 }

describe('what a payer may pay in a day', () => {
  it.each([null, ...VERIFICATIONS])('by a static code is grade D, whatever the verification (%s)', (verification) => {
    expect(dailyLimitFen(LIMITS, 'static', verification)).toBe(50_000)
  })

  it.each([
    [null, 100_000],
    ['none', 100_000],
    ['sms', 100_000],
    ['password', 100_000],
    ['redirect', 100_000],
    ['app', 500_000],
  ] as const)('by a dynamic code hangs on the verification: %s', (verification, fen) => {
    expect(dailyLimitFen(LIMITS, 'dynamic', verification)).toBe(fen)
  })
})

import { base32, checkCode, codeAt, enrolmentUri, stepAt, typedCode } from '../../server/domain/totp'

/** RFC 6238, appendix B: the secret of its SHA-1 rows. */
const SECRET = Buffer.from('12345678901234567890')
const NOON = Date.parse('2026-11-21T12:00:10+08:00')
const codeOff = (seconds: number) => codeAt(SECRET, stepAt(NOON + seconds * 1_000))

describe('codes of an authenticator app', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('are those of RFC 6238 at %s s', (seconds, code) => {
    expect(codeAt(SECRET, stepAt(seconds * 1_000))).toBe(code)
  })

  it.each([
    [0, 'right'],
    [-30, 'right'],
    [30, 'right'],
    [-40, 'right'],
    [-60, 'late'],
    [-300, 'late'],
    [-330, 'wrong'],
    [60, 'wrong'],
  ])('of a telephone whose clock is off by %s s are %s', (seconds, kind) => {
    expect(checkCode(SECRET, codeOff(seconds), NOON, 0).kind).toBe(kind)
  })

  it('are good once, and none from before one that was taken', () => {
    const now = checkCode(SECRET, codeOff(0), NOON, 0)
    if (now.kind !== 'right') throw new Error('refused')
    expect(now.step).toBe(stepAt(NOON))
    expect(checkCode(SECRET, codeOff(0), NOON, now.step).kind).toBe('used')
    expect(checkCode(SECRET, codeOff(-30), NOON, now.step).kind).toBe('used')
    expect(checkCode(SECRET, codeOff(30), NOON, now.step).kind).toBe('right')
  })

  it('go on over midnight', () => {
    const midnight = Date.parse('2026-12-01T00:00:00+08:00')
    expect(checkCode(SECRET, codeAt(SECRET, stepAt(midnight - 1)), midnight, 0).kind).toBe('right')
  })

  it.each(['', '28708', '2870821', 'abcdef', '28708２'])('are not %j', (text) => {
    expect(checkCode(SECRET, text, NOON, 0).kind).toBe('wrong')
  })

  it.each(['123 456', ' 123456 ', '１２３４５６', '123-456', '123\u200b456', '１２３　４５６'])(
    'may be typed as %j',
    (text) => {
      expect(typedCode(text)).toBe('123456')
    },
  )

  it('have a secret in base32, as RFC 4648 writes it, and an address that apps read', () => {
    expect(base32(Buffer.from('fooba'))).toBe('MZXW6YTB')
    expect(base32(SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(enrolmentUri('GEZDGNBV', 'li', '某银行')).toBe(
      'otpauth://totp/%E6%9F%90%E9%93%B6%E8%A1%8C:li?secret=GEZDGNBV&issuer=%E6%9F%90%E9%93%B6%E8%A1%8C&algorithm=SHA1&digits=6&period=30',
    )
  })
})

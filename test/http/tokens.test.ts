import { deriveKey, seal } from '../../server/domain/seal'
import { HttpProblem } from '../../server/http/problem'
import { bearer, tokens } from '../../server/http/token'

const MASTER = Buffer.alloc(32, 5)
const KEY = deriveKey(MASTER, 'session')
const TTL_MS = 60_000
const NOW = Date.parse('2026-11-21T12:00:00+08:00')

describe('session tokens', () => {
  const sessions = tokens(KEY, TTL_MS)
  const payer = { kind: 'payer', payerId: 'p_1' } as const
  const merchant = { kind: 'merchant', merchantCode: 'M0001' } as const
  const codeOf = (token: string | undefined, now = NOW) => {
    try {
      return sessions.read(token, now)
    } catch (error) {
      return error instanceof HttpProblem ? error.code : error
    }
  }

  it('stand for whom they were issued to, until they expire', () => {
    for (const actor of [payer, { ...payer, platform: 'weapp' }, merchant, { ...merchant, bindingId: 7 }]) {
      const { token, expiresAt } = sessions.issue(actor, NOW)
      expect(Date.parse(expiresAt)).toBe(NOW + TTL_MS)
      expect(sessions.read(token, NOW + TTL_MS - 1)).toEqual(actor)
      expect(codeOf(token, NOW + TTL_MS)).toBe('token-expired')
    }
  })

  it('are missing, or nonsense', () => {
    expect(codeOf(undefined)).toBe('token-missing')
    expect(codeOf('')).toBe('token-missing')
    for (const nonsense of ['x', '.', 'a.b', 'a.b.c', '..', 'e30.', `.${'A'.repeat(43)}`])
      expect(codeOf(nonsense)).toBe('token-invalid')
  })

  it('can’t be forged: any changed character, and claims under another signature, are refused', () => {
    const { token } = sessions.issue(payer, NOW)
    for (let at = 0; at < token.length; at++) {
      const changed = token[at] === 'A' ? 'B' : 'A'
      expect(codeOf(token.slice(0, at) + changed + token.slice(at + 1))).toBe('token-invalid')
    }
    const other = sessions.issue({ kind: 'payer', payerId: 'p_2' }, NOW).token
    expect(codeOf(`${other.split('.')[0]}.${token.split('.')[1]}`)).toBe('token-invalid')
    for (const tail of ['=', '==', ' ', 'A']) expect(codeOf(token + tail)).toBe('token-invalid')
  })

  it('of another server’s key, or sealed for another purpose, are refused', () => {
    const claims = { kind: 'payer', sub: 'p_1', exp: NOW + TTL_MS }
    expect(codeOf(tokens(deriveKey(Buffer.alloc(32, 6), 'session'), TTL_MS).issue(payer, NOW).token)).toBe(
      'token-invalid',
    )
    expect(codeOf(seal(KEY, 'quote', claims))).toBe('token-invalid')
    expect(codeOf(seal(deriveKey(MASTER, 'quote'), 'session', claims))).toBe('token-invalid')
    // The same claims under our own seal are good: it is the purpose that was refused, not the claims.
    expect(codeOf(seal(KEY, 'session', claims))).toEqual(payer)
  })
})

describe('an Authorization header', () => {
  it('carries a bearer token, in whatever case the scheme is written', () => {
    expect(bearer('Bearer a-b_c.d')).toBe('a-b_c.d')
    expect(bearer('bearer a.b')).toBe('a.b')
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic a.b', 'Bearer a b', 'Bearer a,b', 'a.b', 'xBearer a.b'])(
    'of another form carries none: %s',
    (header) => expect(bearer(header)).toBeUndefined(),
  )
})

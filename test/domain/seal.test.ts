import fc from 'fast-check'
import { deriveKey, seal, unseal } from '../../server/domain/seal'

const key = Buffer.alloc(32, 7)
const value = { nonce: 'n-1', amountFen: 10_000, name: '小吃街' }
const sealed = seal(key, 'quote', value)

describe('a sealed value', () => {
  it('opens to what was sealed, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.string(), (json, purpose) => {
        expect(unseal(key, purpose, seal(key, purpose, json))).toEqual(JSON.parse(JSON.stringify(json)))
      }),
    )
  })

  it('can stand in an address or a header as it is', () => {
    expect(sealed).toMatch(/^[\w-]+\.[\w-]{43}$/)
  })

  it('does not open after any one character was changed', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '
    for (let at = 0; at < sealed.length; at++)
      for (const symbol of alphabet) {
        if (symbol === sealed[at]) continue
        const changed = sealed.slice(0, at) + symbol + sealed.slice(at + 1)
        // Not toBe(undefined) on each of thousands: the first that opens names itself.
        if (unseal(key, 'quote', changed) !== undefined) throw new Error(`opened with ${symbol} at ${at}`)
      }
  })

  it('does not open after a character was taken away, added or doubled', () => {
    for (let at = 0; at <= sealed.length; at++) {
      const [head, tail] = [sealed.slice(0, at), sealed.slice(at)]
      for (const changed of [head, `${head}=${tail}`, `${head}A${tail}`, `${head} ${tail}`, `${head}.${tail}`])
        if (changed !== sealed) expect(unseal(key, 'quote', changed)).toBeUndefined()
    }
  })

  it('does not open for another purpose, with another key, or with another value’s signature', () => {
    expect(unseal(key, 'session', sealed)).toBeUndefined()
    expect(unseal(key, '', sealed)).toBeUndefined()
    expect(unseal(Buffer.alloc(32, 8), 'quote', sealed)).toBeUndefined()
    const other = seal(key, 'quote', { ...value, amountFen: 1 })
    expect(unseal(key, 'quote', `${other.split('.')[0]}.${sealed.split('.')[1]}`)).toBeUndefined()
  })

  it('does not open when its purpose is moved into its body', () => {
    const [body, mac] = seal(key, 'a|b', value).split('.')
    expect(unseal(key, 'a', `b|${body}.${mac}`)).toBeUndefined()
  })

  it('never opens junk and never throws on it', () => {
    const base64url = fc.stringMatching(/^[\w-]*$/)
    const pair = fc.tuple(base64url, base64url).map((parts) => parts.join('.'))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), pair), (junk) => {
        expect(unseal(key, 'quote', junk)).toBeUndefined()
      }),
      { numRuns: 2_000 },
    )
    for (const junk of ['', '.', '..', 'a.', '.a', '\ud800.\udfff', '\0.\0'])
      expect(unseal(key, 'quote', junk)).toBeUndefined()
  })
})

describe('a derived key', () => {
  it('is the same for the same purpose and another for every other', () => {
    const purposes = ['quote', 'session', 'deck', '']
    const keys = purposes.map((purpose) => deriveKey(key, purpose).toString('hex'))
    expect(new Set(keys).size).toBe(purposes.length)
    expect(keys).toEqual(purposes.map((purpose) => deriveKey(key, purpose).toString('hex')))
    expect(deriveKey(Buffer.alloc(32, 9), 'quote').toString('hex')).not.toBe(keys[0])
    expect(keys[0]).toHaveLength(64)
  })
})

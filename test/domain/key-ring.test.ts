import { checkValue, isOfRing, keysFor, masterKeys } from '../../server/domain/key-ring'
import { deriveKey } from '../../server/domain/seal'

const key = (byte: number) => Buffer.alloc(32, byte)

describe('a master key’s check value', () => {
  it('is known by whoever has the key, whether it is the current one or was replaced, and by nobody else', () => {
    const value = checkValue(key(1))
    expect(isOfRing(masterKeys(key(1)), value)).toBe(true)
    expect(isOfRing(masterKeys(key(2), [key(3), key(1)]), value)).toBe(true)
    expect(isOfRing(masterKeys(key(2), [key(3)]), value)).toBe(false)
    // One bit of the key, or of the value.
    const other = key(1)
    other[31]! ^= 1
    expect(isOfRing(masterKeys(other), value)).toBe(false)
    const changed = Buffer.from(value)
    changed[0]! ^= 128
    expect(isOfRing(masterKeys(key(1)), changed)).toBe(false)
  })

  it('is whole, and nothing that anything else is made with', () => {
    const value = checkValue(key(1))
    expect(value).toHaveLength(32)
    const masters = masterKeys(key(1))
    const others = [
      'login',
      'session',
      'quote',
      'deed log',
      'books chain',
      'key id',
      'identity',
      'campaign|c-1',
    ].flatMap((purpose) => [deriveKey(key(1), purpose), keysFor(purpose, masters).current.key])
    const hex = value.toString('hex')
    for (const one of [key(1), ...others]) expect(Buffer.from(one).toString('hex')).not.toBe(hex)
    expect(hex).not.toContain(masters.current.id)
  })
})

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { disclose, enclose } from '../../server/domain/enclose'

const KEY = Buffer.alloc(32, 1)
const NONCE = Buffer.alloc(12, 2)

describe('what is enclosed', () => {
  it('is read again, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, purpose) => {
        expect(disclose(KEY, purpose, enclose(KEY, purpose, text, randomBytes(12)))).toBe(text)
      }),
    )
  })

  it('shows nothing of it, and with another nonce looks like another', () => {
    const enclosed = enclose(KEY, 'subject', 'oW-somebody', NONCE)
    expect(Buffer.from(enclosed, 'base64url').toString('latin1')).not.toContain('somebody')
    expect(enclose(KEY, 'subject', 'oW-somebody', Buffer.alloc(12, 3))).not.toBe(enclosed)
  })

  it('opens with no other key, for no other purpose, and not when any bit of it is changed', () => {
    const enclosed = enclose(KEY, 'subject', 'oW-somebody', NONCE)
    expect(disclose(Buffer.alloc(32, 9), 'subject', enclosed)).toBeUndefined()
    expect(disclose(KEY, 'phone', enclosed)).toBeUndefined()
    const bytes = Buffer.from(enclosed, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(disclose(KEY, 'subject', changed.toString('base64url'))).toBeUndefined()
    }
  })

  it.each(['', 'x', 'not base64 at all!', 'A'.repeat(37)])('nothing else opens: "%s"', (text) => {
    expect(disclose(KEY, 'subject', text)).toBeUndefined()
  })

  it('takes no nonce of another length', () => {
    expect(() => enclose(KEY, 'subject', 'text', Buffer.alloc(11))).toThrow('a nonce has 12 bytes')
  })
})

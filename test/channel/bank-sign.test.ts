import fc from 'fast-check'
import {
  generateBankKeys,
  isPrivateKey,
  isPublicKey,
  requestText,
  signer,
  verifier,
} from '../../server/channel/bank/sign'

/** GB/T 32918.5-2017, appendix A.2: the signature example on the recommended curve, user id 1234567812345678. */
const PUBLISHED = {
  message: 'message digest',
  privateKey: '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8',
  publicKey:
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
    'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  signature:
    'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
}
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n
const hex = (value: bigint) => value.toString(16).padStart(64, '0')

describe('a signature of the bank channel', () => {
  const { client, bank } = generateBankKeys()
  const sign = signer(client.privateKey)
  const verify = verifier(client.publicKey)

  it('is the one of the national standard: the published example verifies', () => {
    expect(verifier(PUBLISHED.publicKey)(PUBLISHED.message, PUBLISHED.signature)).toBe(true)
    expect(verifier(PUBLISHED.publicKey)('message digest.', PUBLISHED.signature)).toBe(false)
  })

  it("verifies under the published key when made with the published key's secret", () => {
    const signature = signer(PUBLISHED.privateKey)(PUBLISHED.message)
    expect(verifier(PUBLISHED.publicKey)(PUBLISHED.message, signature)).toBe(true)
  })

  it('differs each time and verifies each time', () => {
    const two = [sign('once'), sign('once')]
    expect(two[0]).not.toBe(two[1])
    for (const signature of two) expect(verify('once', signature)).toBe(true)
  })

  it('does not verify under another key, for another text, or with any character changed', () => {
    const signature = sign('a text')
    expect(verifier(bank.publicKey)('a text', signature)).toBe(false)
    expect(verify('another text', signature)).toBe(false)
    fc.assert(
      fc.property(fc.nat(127), fc.integer({ min: 1, max: 15 }), (at, shift) => {
        const changed = ((Number.parseInt(signature[at]!, 16) + shift) % 16).toString(16)
        return !verify('a text', signature.slice(0, at) + changed + signature.slice(at + 1))
      }),
      { numRuns: 30 },
    )
  })

  it('is refused, never thrown at, when it is no signature at all', () => {
    const edges = [0n, 1n, ORDER - 1n, ORDER].flatMap((r) => [1n, ORDER - 1n, ORDER].map((s) => hex(r) + hex(s)))
    const short = sign('x').slice(1)
    for (const signature of ['', 'undefined', short, `${sign('x')}0`, 'g'.repeat(128), ...edges])
      expect(verify('x', signature)).toBe(false)
  })

  it('covers every part of a request: no two requests have one text', () => {
    const sound = { method: 'POST', path: '/v1/clearings', timestamp: '1', nonce: 'n', body: 'b' }
    const texts = [
      sound,
      ...Object.keys(sound).map((field) => ({ ...sound, [field]: 'other' })),
      { ...sound, body: '' },
    ].map(requestText)
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('needs keys of the curve', () => {
    expect(isPublicKey(client.publicKey)).toBe(true)
    expect(isPublicKey(`04${'1'.repeat(128)}`)).toBe(false)
    expect(isPublicKey(client.publicKey.slice(2))).toBe(false)
    expect(isPrivateKey(client.privateKey)).toBe(true)
    for (const value of [0n, ORDER - 1n, ORDER]) expect(isPrivateKey(hex(value))).toBe(false)
  })
})

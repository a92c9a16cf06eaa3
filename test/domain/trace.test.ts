import { NO_TRACE, tracer } from '../../server/domain/trace'

const at = (text: string) => Date.parse(`${text}+08:00`)
const NOON = at('2026-11-21T12:00:00')
const PLACE = { address: '203.0.113.7', device: 'device-1' }

describe('from where an order came', () => {
  const trace = tracer(Buffer.alloc(32, 1))

  it('is the same for the same place within a month, whoever asks', () => {
    const other = tracer(Buffer.alloc(32, 1))
    const [first, last] = [trace(PLACE, at('2026-11-01T00:00:00')), other(PLACE, at('2026-11-30T23:59:59.999'))]
    expect(first).toEqual(last)
    expect(first.addressHash).toMatch(/^[\w-]{16}$/)
    expect(first.deviceHash).toMatch(/^[\w-]{16}$/)
  })

  it('is another in another month, which begins at midnight in Shanghai', () => {
    const november = trace(PLACE, at('2026-11-30T23:59:59.999'))
    const december = trace(PLACE, at('2026-12-01T00:00:00'))
    expect(december.addressHash).not.toBe(november.addressHash)
    expect(december.deviceHash).not.toBe(november.deviceHash)
    // and of the month before again, should a clock go back
    expect(trace(PLACE, at('2026-11-30T23:59:59.999'))).toEqual(november)
  })

  it('is another of another address or device, and no address is taken for a device', () => {
    const { addressHash, deviceHash } = trace(PLACE, NOON)
    expect(trace({ ...PLACE, address: '203.0.113.8' }, NOON)).toMatchObject({ deviceHash })
    expect(trace({ ...PLACE, address: '203.0.113.8' }, NOON).addressHash).not.toBe(addressHash)
    expect(trace({ address: 'x', device: 'x' }, NOON).addressHash).not.toBe(
      trace({ address: 'x', device: 'x' }, NOON).deviceHash,
    )
  })

  it('can’t be told without the key', () => {
    const { addressHash } = tracer(Buffer.alloc(32, 2))(PLACE, NOON)
    expect(addressHash).not.toBe(trace(PLACE, NOON).addressHash)
    expect(JSON.stringify(trace(PLACE, NOON))).not.toMatch(/203|device-1/)
  })

  it('is nothing where nothing is known', () => {
    expect(trace(undefined, NOON)).toEqual(NO_TRACE)
    expect(trace({ address: 'unknown', device: null }, NOON)).toEqual(NO_TRACE)
  })
})

import type { IncomingMessage } from 'node:http'
import { get } from 'node:http'
import { readNetwork } from '../../server/domain/ip'
import { callerBehind } from '../../server/http/caller'
import { serve } from '../../server/serve'

const proxies = ['10.0.0.0/8', 'fd00::/16'].map((text) => readNetwork(text)!)

function callerFrom(remoteAddress: string | undefined, headers: Record<string, string> = {}, behind = proxies) {
  return callerBehind(behind)({ socket: { remoteAddress }, headers } as unknown as IncomingMessage)
}
const addressFrom = (remoteAddress: string | undefined, forwarded?: string, behind = proxies) =>
  callerFrom(remoteAddress, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, behind).address

describe('who is calling', () => {
  it('is who opened the connection', () => {
    expect(addressFrom('198.51.100.1')).toBe('198.51.100.1')
    expect(addressFrom('::ffff:198.51.100.1')).toBe('198.51.100.1')
    expect(addressFrom('2001:db8::1:2')).toBe('2001:db8:0:0::/64')
    expect(addressFrom(undefined)).toBe('unknown')
  })

  it('can’t be forged: what a stranger says in X-Forwarded-For means nothing', () => {
    for (const forged of ['203.0.113.7', '10.0.0.1', '::1', '203.0.113.7, 10.0.0.1'])
      expect(addressFrom('198.51.100.1', forged)).toBe('198.51.100.1')
    expect(addressFrom('10.0.0.1', '203.0.113.7', [])).toBe('10.0.0.1')
  })

  it('is, behind ours, the first from the right that isn’t ours, whatever was sent to the left of it', () => {
    expect(addressFrom('10.0.0.1', '203.0.113.7')).toBe('203.0.113.7')
    expect(addressFrom('::ffff:10.0.0.1', '203.0.113.7')).toBe('203.0.113.7')
    expect(addressFrom('10.0.0.1', '192.0.2.9, 203.0.113.7, 10.1.1.1,fd00::5')).toBe('203.0.113.7')
    expect(addressFrom('10.0.0.1', '10.9.9.9, 203.0.113.7')).toBe('203.0.113.7')
    expect(addressFrom('10.0.0.1', 'nonsense, 203.0.113.7')).toBe('203.0.113.7')
    expect(addressFrom('10.0.0.1', ',,, 203.0.113.7')).toBe('203.0.113.7')
  })

  it.each([
    ['203.0.113.7:51234', '203.0.113.7'],
    ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['[2001:db8::1]', '2001:db8:0:0::/64'],
    ['2001:db8::1%en0', '2001:db8:0:0::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
  ])('is read as proxies write it: %s', (forwarded, address) => {
    expect(addressFrom('10.0.0.1', forwarded)).toBe(address)
  })

  it.each(['', ' ', ',', 'unknown', '_hidden', '203.0.113', '203.0.113.7,', '[', '[]:1', '1.2.3.4:99999999', '\u0000'])(
    'is the proxy itself where it says %j, which nobody can read',
    (forwarded) => expect(addressFrom('10.0.0.1', forwarded)).toBe('10.0.0.1'),
  )

  it('is ours where all of them are, and no row of hops is followed for ever', () => {
    expect(addressFrom('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3')
    const long = Array.from({ length: 1_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(', ')
    expect(addressFrom('10.0.0.1', `203.0.113.7, ${long}`)).toMatch(/^10\./)
  })

  it('has a device where it names one in a few plain letters', () => {
    const deviceOf = (device: string) => callerFrom('198.51.100.1', { 'x-fapai-device': device }).device
    expect(deviceOf('aZ09_-')).toBe('aZ09_-')
    expect(deviceOf('a'.repeat(64))).toBe('a'.repeat(64))
    for (const none of ['', 'a'.repeat(65), 'a b', 'a, b', '设备', 'a\n']) expect(deviceOf(none)).toBeNull()
    expect(callerFrom('198.51.100.1').device).toBeNull()
  })

  it('is found in requests as node reads them: a repeated header is one row', async () => {
    const behind = callerBehind([readNetwork('127.0.0.1')!])
    const { port, stop } = await serve(
      (request, response) => response.end(JSON.stringify(behind(request))),
      0,
      '127.0.0.1',
    )
    const asked = (headers: string[]) =>
      new Promise<string>((resolve, reject) => {
        get({ port, host: '127.0.0.1', headers, agent: false }, (reply) => {
          reply.setEncoding('utf8').on('data', resolve)
        }).on('error', reject)
      })
    const forwarded = (...values: string[]) => ['Host', 'x', ...values.flatMap((value) => ['X-Forwarded-For', value])]
    try {
      expect(JSON.parse(await asked(forwarded('192.0.2.9', '203.0.113.7')))).toEqual({
        address: '203.0.113.7',
        device: null,
      })
      const twice = await asked(['Host', 'x', 'X-Fapai-Device', 'one', 'X-Fapai-Device', 'two'])
      expect(JSON.parse(twice)).toEqual({ address: '127.0.0.1', device: null })
    } finally {
      await stop(0)
    }
  })
})

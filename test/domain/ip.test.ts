import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { holderOf, isIn, networkOf, readIp, readNetwork } from '../../server/domain/ip'

const holder = (text: string) => {
  const ip = readIp(text)
  return ip && holderOf(ip)
}

describe('an address of the internet', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:0DB8::1', '2001:db8:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ])('%s is held by whoever holds %s', (text, expected) => expect(holder(text)).toBe(expected))

  it.each([
    '',
    'unknown',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4.5',
    '1.2.3.4%eth0',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3.4:5',
    '::.a',
    '::1.2.3.256',
    '1:2:3:4:5:6:7:1.2.3',
    '1.2.3.4::',
    '::1%',
    '::1%a%b',
    '1'.repeat(10_000),
    ':'.repeat(10_000),
  ])('isn’t %j', (text) => expect(readIp(text)).toBeUndefined())

  it('is read as the system reads it, and never throws', () => {
    const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.stringMatching(/^[0-9a-f:.%]{1,30}$/))
    fc.assert(fc.property(texts, (text) => expect(readIp(text) !== undefined).toBe(systemReads(text))))
  })
})

function systemReads(text: string): boolean {
  const [bare = '', zone] = text.split('%')
  if (zone !== undefined && !/^[\w.-]+$/.test(text.slice(bare.length + 1))) return false
  try {
    new SocketAddress({ address: bare, family: bare.includes(':') ? 'ipv6' : 'ipv4' })
    return zone === undefined || bare.includes(':')
  } catch {
    return false
  }
}

describe('a holder of an address', () => {
  it.each([
    ['::ffff:203.0.113.7', '203.0.113.7', null],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1'],
    ['2001:db8:1:ffff::', '2001:db8:1:ffff::/64', '2001:db8:1'],
    ['::1', '0:0:0:0::/64', '0:0:0'],
  ])('of %s is %s, in %s', (address, holder, network) => {
    expect([holderOf(readIp(address)!), networkOf(holder)]).toEqual([holder, network])
  })
})

describe('a network', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
    ['192.0.2.128/25', '192.0.2.200', '192.0.2.127'],
    ['203.0.113.7', '::ffff:203.0.113.7', '203.0.113.8'],
    ['fd00::/16', 'fd00:1::1', 'fd01::1'],
    ['2001:db8:8000::/33', '2001:db8:ffff::', '2001:db8:7fff::'],
    ['2001:db8::1', '2001:db8::1', '2001:db8::2'],
  ])('%s holds %s and not %s', (text, inside, outside) => {
    const network = readNetwork(text)!
    expect([inside, outside].map((one) => isIn(readIp(one)!, network))).toEqual([true, false])
  })

  it.each([
    '',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fd00::/129',
    'fd00::1/64',
    'x/8',
  ])('isn’t %j', (text) => expect(readNetwork(text)).toBeUndefined())
})

import { unzip, ZipRefused } from '../../server/channel/zip'
import { zipOf } from '../../server/sandbox/alipay/zip'

describe('a zip from a wallet', () => {
  const LIMITS = { entries: 3, bytes: 10_000 }
  const file = (name: string | Buffer, text = 'some text that is here twice, some text that is here twice') => ({
    name: Buffer.from(name as string),
    data: Buffer.from(text),
  })
  const refused = async (zip: Buffer, limits = LIMITS) =>
    unzip(zip, limits).then(
      () => null,
      (error) => {
        expect(error).toBeInstanceOf(ZipRefused)
        return error.message as string
      },
    )

  it('gives its files, packed or not, and none of its folders', async () => {
    const files = [file('a.csv'), file('b/c.csv', '')]
    expect(await unzip(zipOf([files[0]!, file('b/', ''), files[1]!]), LIMITS)).toEqual(files)
  })

  it('gives a name in GBK as it stands, though a character of it ends like a backslash', async () => {
    const name = Buffer.from([0xd2, 0x5c, 0x2e, 0x63, 0x73, 0x76])
    expect((await unzip(zipOf([{ ...file('x'), name }]), LIMITS))[0]!.name).toEqual(name)
  })

  it.each(['../a.csv', 'b/../../a.csv', '/etc/passwd', 'C:a.csv', 'b\\a.csv', 'a\0.csv', '..'])(
    'is refused for a name that leads elsewhere: %j',
    async (name) => {
      expect(await refused(zipOf([file('a.csv'), file(name)]))).toBe('a name leads elsewhere')
    },
  )

  it('is refused for too many files, too large ones, and one that is larger than it says', async () => {
    expect(await refused(zipOf(['a', 'b', 'c', 'd'].map((name) => file(name))))).toBe('it has 4 files')
    const bomb = zipOf([file('bomb', '0'.repeat(1_000_000))])
    expect(await refused(bomb)).toBe('a file has 1000000 bytes')
    // It says ten bytes, in both of its headers, and goes on for a million.
    const small = Buffer.from([10, 0, 0, 0])
    for (let at = bomb.indexOf('@B\x0f\x00', 0, 'latin1'); at >= 0; at = bomb.indexOf('@B\x0f\x00', at, 'latin1'))
      small.copy(bomb, at)
    expect(await refused(bomb)).toBe('a file can not be unpacked to what it says')
  })

  it('is refused when a byte of it was changed or its end is missing, and never read beyond it', async () => {
    const zip = zipOf([file('a.csv')])
    for (let at = 0; at < zip.length; at++) {
      const changed = Buffer.from(zip)
      changed[at]! ^= 0xff
      const told = await unzip(changed, LIMITS).catch((error) => error)
      // Of a few bytes nothing depends: versions, times, attributes. What it gives is what it held, or its name.
      if (!(told instanceof ZipRefused))
        expect(told.map(({ data }: { data: Buffer }) => data)).toEqual([file('a').data])
      expect(await refused(zip.subarray(0, at))).not.toBeNull()
    }
    expect(await refused(Buffer.alloc(0))).toBe('it has no directory')
    expect(await refused(Buffer.from('<html>a page of a captive portal</html>'))).toBe('it has no directory')
  })

  it('is refused when it is encrypted, or packed in a way of its own', async () => {
    const [locked, other] = [zipOf([file('a.csv')]), zipOf([file('a.csv')])]
    const central = locked.indexOf('PK\x01\x02', 0, 'latin1')
    locked[central + 8]! |= 1
    other[central + 10] = 12
    expect(await refused(locked)).toBe('it is encrypted')
    expect(await refused(other)).toBe('method 12')
  })
})

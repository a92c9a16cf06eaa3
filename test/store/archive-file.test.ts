import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { archiveName, hashOf, readArchive, writeArchive } from '../../server/store/archive-file'

/** A day's archive as a file: whole or not there, and told from anything that isn't what was written. */

const DATE = '2026-01-31'
const FILE = archiveName(DATE)
const FIRST = `{"kind":"day","format":1,"date":"${DATE}"}`
const NUL = String.raw`{"kind":"order","order":{"order_no":"F1","raw":"\u0000 ½ 发牌"}}`
const ORDERS = [NUL, '{"kind":"order","order":{"order_no":"F2","n":1.00}}']
const PAYER_DAY = '{"kind":"payer-day","row":{"payer_id":"p"}}'
const END = '{"kind":"end","orders":2,"payerDays":1}'
const WHOLE = [FIRST, ...ORDERS, PAYER_DAY, END]

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'archive-file-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function* batches(...all: string[][]) {
  yield* all
}

async function readAll(path = join(dir, FILE), date = DATE) {
  const lines: string[] = []
  const sizes: number[] = []
  const reading = readArchive(path, date)
  for (;;) {
    const { done, value } = await reading.next()
    if (done) return { lines, sizes, counts: value }
    sizes.push(value.length)
    lines.push(...value)
  }
}

const written = (lines: string[], text = `${lines.join('\n')}\n`) => writeFile(join(dir, FILE), gzipSync(text))

describe('an archive', () => {
  it('is one file, its owner’s alone, of the lines to the letter between its first and its last', async () => {
    const result = await writeArchive(dir, DATE, batches(ORDERS, [], [PAYER_DAY]))
    expect(await readdir(dir)).toEqual(['orders-2026-01-31.jsonl.gz'])
    const found = await readFile(join(dir, FILE))
    expect(gunzipSync(found).toString()).toBe(`${WHOLE.join('\n')}\n`)
    const sha256 = createHash('sha256').update(found).digest('hex')
    expect(result).toEqual({ file: FILE, sha256, bytes: found.length, orders: 2, payerDays: 1 })
    expect((await stat(join(dir, FILE))).mode & 0o777).toBe(0o600)
    expect(await hashOf(join(dir, FILE))).toBe(sha256)
    expect(await readAll()).toMatchObject({ lines: [...ORDERS, PAYER_DAY], counts: { orders: 2, payerDays: 1 } })
  })

  it('of a day without orders has none', async () => {
    expect(await writeArchive(dir, DATE, batches())).toMatchObject({ orders: 0, payerDays: 0 })
    expect(await readAll()).toMatchObject({ lines: [], counts: { orders: 0, payerDays: 0 } })
  })

  it('is written over what a crash left, beside what another left, and not through what a stranger put in its place', async () => {
    await writeFile(join(dir, 'theirs'), 'theirs')
    await symlink(join(dir, 'theirs'), join(dir, `${FILE}.part`))
    await writeFile(join(dir, FILE), 'old')
    await writeArchive(dir, DATE, batches(ORDERS, [PAYER_DAY]))
    expect(await readFile(join(dir, 'theirs'), 'utf8')).toBe('theirs')
    expect((await readdir(dir)).sort()).toEqual([FILE, `${FILE}.before`, 'theirs'])
    expect(await readFile(join(dir, `${FILE}.before`), 'utf8')).toBe('old')
    await writeFile(join(dir, `${FILE}.part`), 'half', { mode: 0o644 })
    await writeArchive(dir, DATE, batches(ORDERS, [PAYER_DAY]))
    expect((await stat(join(dir, FILE))).mode & 0o777).toBe(0o600)
    // The same once more is no other.
    expect((await readdir(dir)).sort()).toEqual([FILE, `${FILE}.before`, 'theirs'])
    for (const others of ['another ledger’s', 'and one more'])
      await rm(join(dir, FILE))
        .then(() => writeFile(join(dir, FILE), others))
        .then(() => writeArchive(dir, DATE, batches(ORDERS)))
    const kept = [`${FILE}.before`, `${FILE}.before-2`, `${FILE}.before-3`]
    expect((await readdir(dir)).sort()).toEqual([FILE, ...kept, 'theirs'])
    expect(await Promise.all(kept.map((name) => readFile(join(dir, name), 'utf8')))).toEqual([
      'old',
      'another ledger’s',
      'and one more',
    ])
  })

  it('isn’t there when its lines break off, and what was there stays', async () => {
    await writeFile(join(dir, FILE), 'old')
    async function* breaking() {
      yield ORDERS
      throw new Error('the ledger is away')
    }
    await expect(writeArchive(dir, DATE, breaking())).rejects.toThrow('the ledger is away')
    expect(await readdir(dir)).toEqual([FILE])
    expect(await readFile(join(dir, FILE), 'utf8')).toBe('old')
  })

  it('takes no more lines than the disk does', async () => {
    let asked = 0
    async function* endless() {
      for (; asked < 100_000; asked++) yield [NUL]
    }
    await chmod(dir, 0o500)
    // Root writes anywhere: then the folder is one that isn't there.
    const into = process.getuid?.() === 0 ? join(dir, 'none') : dir
    await expect(writeArchive(into, DATE, endless())).rejects.toThrow(/EACCES|ENOENT/)
    await chmod(dir, 0o700)
    expect(asked).toBe(0)
  })

  it('is read in batches that are bounded by lines and by bytes', async () => {
    const long = `{"kind":"order","said":"${'x'.repeat(3 << 20)}"}`
    const many = Array.from({ length: 1_203 }, (_, n) => `{"kind":"order","n":${n}}`)
    await writeArchive(dir, DATE, batches(many, [long, long, long]))
    const { lines, sizes } = await readAll()
    expect(lines).toEqual([...many, long, long, long])
    // the first and the last line are in batches, too
    expect(sizes).toEqual([499, 500, 206, 1])
  })
})

describe('what isn’t as it was written is told', () => {
  const cases: [string, string, string[]][] = [
    ['cut off after a line', 'cut-off', WHOLE.slice(0, -1)],
    ['empty', 'cut-off', []],
    ['of another date', 'another-date', [FIRST.replace('31', '30'), ...WHOLE.slice(1)]],
    ['of another format', 'another-format', [FIRST.replace(':1,', ':2,'), ...WHOLE.slice(1)]],
    ['without its first line', 'no-such-line', WHOLE.slice(1)],
    ['one order short', 'counts-differ', [FIRST, NUL, PAYER_DAY, END]],
    ['one order too many', 'counts-differ', [FIRST, NUL, ...ORDERS, PAYER_DAY, END]],
    ['with a payer-day for an order', 'counts-differ', [FIRST, NUL, PAYER_DAY, PAYER_DAY, END]],
    ['with lines after its last', 'no-such-line', [...WHOLE, NUL]],
    ['with a stray line', 'no-such-line', [FIRST, '{"kind":"other"}', ...WHOLE.slice(1)]],
    ['with an empty line', 'no-such-line', [FIRST, '', ...WHOLE.slice(1)]],
  ]
  it.each(cases)('%s', async (_, code, lines) => {
    await written(lines, lines.length === 0 ? '' : undefined)
    await expect(readAll()).rejects.toMatchObject({
      name: 'ArchiveFault',
      code,
      message: expect.stringContaining(FILE),
    })
  })

  it('cut off within a line, within gzip, or to nothing', async () => {
    await written([], WHOLE.join('\n'))
    await expect(readAll()).rejects.toMatchObject({ code: 'cut-off' })
    await writeArchive(dir, DATE, batches(ORDERS, [PAYER_DAY]))
    const whole = await readFile(join(dir, FILE))
    for (const bytes of [0, 5, 20, whole.length - 9, whole.length - 1]) {
      await writeFile(join(dir, FILE), whole.subarray(0, bytes))
      await expect(readAll()).rejects.toMatchObject({ code: 'cut-off' })
    }
  })

  it('no gzip, a changed byte, no text, not there, a folder', async () => {
    await writeFile(join(dir, FILE), `${WHOLE.join('\n')}\n`)
    await expect(readAll()).rejects.toMatchObject({ code: 'not-gzip' })
    await writeArchive(dir, DATE, batches(ORDERS, [PAYER_DAY]))
    const whole = await readFile(join(dir, FILE))
    whole[whole.length - 6]! ^= 1
    await writeFile(join(dir, FILE), whole)
    await expect(readAll()).rejects.toMatchObject({ code: 'not-gzip' })
    await writeFile(join(dir, FILE), gzipSync(Buffer.from(`${FIRST}\n{"kind":"order",\xff}\n`, 'latin1')))
    await expect(readAll()).rejects.toMatchObject({ code: 'no-such-line' })
    await rm(join(dir, FILE))
    await expect(readAll()).rejects.toMatchObject({ code: 'absent' })
    await expect(hashOf(join(dir, FILE))).rejects.toMatchObject({ code: 'absent' })
    await mkdir(join(dir, FILE))
    await expect(readAll()).rejects.toMatchObject({ code: 'unreadable' })
    await expect(hashOf(join(dir, FILE))).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('a line that nobody’s memory should hold', async () => {
    await written([FIRST, `{"kind":"order","said":"${' '.repeat(17 << 20)}"}`])
    await expect(readAll()).rejects.toMatchObject({ code: 'line-too-long' })
  })
})

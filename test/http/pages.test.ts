import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { httpDepsOf, serveApp, startFlow } from '../support/flow'

const HTML = `<!doctype html><html><head><title>付款</title></head><body>${'一'.repeat(2_000)}</body></html>`
const SCRIPT = `console.log(${JSON.stringify('付款 '.repeat(500))})`
const UNPACK: Record<string, (bytes: Buffer) => Buffer> = { br: brotliDecompressSync, gzip: gunzipSync }

describe('the built pages', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-pages-'))
  const h5Dir = join(dir, 'h5')
  const older = join(dir, 'older')
  let app: Awaited<ReturnType<typeof serveApp>>
  beforeAll(async () => {
    mkdirSync(join(h5Dir, 'js'), { recursive: true })
    writeFileSync(join(dir, 'secret.js'), 'not for the world')
    writeFileSync(join(h5Dir, '.secret.js'), 'not for the world')
    writeFileSync(join(h5Dir, 'index.html'), HTML)
    // of the build before: the page keeps its name
    writeFileSync(join(h5Dir, 'index.html.br'), brotliCompressSync('an older page'))
    writeFileSync(join(h5Dir, 'js/app.0123abcd.js'), SCRIPT)
    writeFileSync(join(h5Dir, 'js/app.0123abcd.js.br'), brotliCompressSync(SCRIPT))
    writeFileSync(join(h5Dir, 'js/app.0123abcd.js.gz'), gzipSync(SCRIPT))
    writeFileSync(join(h5Dir, 'js/small.0123abcd.js'), 'small')
    // of the version before, which pages that are open still ask for
    mkdirSync(join(older, 'js'), { recursive: true })
    writeFileSync(join(older, 'index.html'), 'an older page')
    writeFileSync(join(older, 'robots.txt'), 'an older word')
    writeFileSync(join(older, 'js/app.0123abcd.js'), 'another of the same name')
    writeFileSync(join(older, 'js/older.76543210.js'), SCRIPT)
    writeFileSync(join(older, 'js/older.76543210.js.br'), brotliCompressSync(SCRIPT))
    app = await serveApp({ ...httpDepsOf(startFlow()), h5Dir: [h5Dir, older, join(dir, 'none')].join(delimiter) })
  })
  afterAll(async () => {
    await app.stop()
    rmSync(dir, { recursive: true })
  })

  /** The path as it is written, and the bytes as they come. */
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status?: number; headers: IncomingMessage['headers']; bytes: Buffer; text: string }>((done, fail) => {
      const { hostname, port } = new URL(app.url)
      const asked = request({ hostname, port, path, method, headers }, async (reply) => {
        const parts: Buffer[] = []
        for await (const part of reply) parts.push(part)
        const bytes = Buffer.concat(parts)
        const unpack = UNPACK[reply.headers['content-encoding'] ?? ''] ?? ((same: Buffer) => same)
        const text = bytes.length > 0 ? unpack(bytes).toString() : ''
        done({ status: reply.statusCode!, headers: reply.headers, bytes, text })
      })
      asked.on('error', fail).end()
    })
  const APP = '/js/app.0123abcd.js'

  it('has what pages of the version before still ask for, packed as it was, and nothing else of it', async () => {
    const older = await ask('/js/older.76543210.js', { 'accept-encoding': 'br' })
    expect(older).toMatchObject({ status: 200, text: SCRIPT, headers: { 'content-encoding': 'br' } })
    expect(older.headers['cache-control']).toContain('immutable')
    expect((await ask('/')).text).toBe(HTML)
    expect((await ask(APP)).text).toBe(SCRIPT)
    expect((await ask('/robots.txt')).text).not.toBe('an older word')
  })

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['identity;q=0, *;q=0', undefined],
    ['zstd', undefined],
    ['BR', 'br'],
    ['br'.repeat(3_000), undefined],
    [`${'x,'.repeat(3_000)}gzip`, 'gzip'],
    [';;;q=,,=', undefined],
  ])('are sent as whoever asks can read them: Accept-Encoding %.40s is %s', async (accepts, coding) => {
    for (const [path, text] of [
      [APP, SCRIPT],
      ['/', HTML],
      ['/q/M0001', HTML],
    ] as const) {
      const answer = await ask(path, accepts === undefined ? {} : { 'Accept-Encoding': accepts })
      expect(answer).toMatchObject({ status: 200, text, headers: { vary: 'Accept-Encoding' } })
      expect(answer.headers['content-encoding']).toBe(coding)
      expect(answer.headers['content-length']).toBe(String(answer.bytes.length))
      expect(answer.bytes.length < text.length).toBe(coding !== undefined)
    }
  })

  it('are kept for ever where the name holds the content, and are asked for each time where it doesn’t', async () => {
    expect((await ask(APP)).headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    })
    for (const path of ['/', '/index.html', '/q/M0001'])
      expect((await ask(path)).headers).toMatchObject({
        'cache-control': 'no-cache',
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': expect.stringContaining("script-src 'self'"),
      })
    expect((await ask('/js/small.0123abcd.js', { 'Accept-Encoding': 'br' })).headers.vary).toBeUndefined()
  })

  it('are not sent to who has them, each packing for itself', async () => {
    const tags = new Set<string>()
    for (const path of [APP, '/q/M0001'])
      for (const accepts of ['br', 'gzip', 'identity']) {
        const { headers } = await ask(path, { 'Accept-Encoding': accepts })
        tags.add(headers.etag!)
        const known = { 'Accept-Encoding': accepts, 'If-None-Match': `"other", W/${headers.etag}` }
        const again = await ask(path, known)
        expect(again).toMatchObject({ status: 304, text: '', headers: { etag: headers.etag, vary: 'Accept-Encoding' } })
        expect(again.headers['content-encoding']).toBeUndefined()
        expect((await ask(path, { ...known, 'Accept-Encoding': accepts === 'br' ? 'gzip' : 'br' })).status).toBe(200)
      }
    expect(tags.size).toBe(6)
  })

  it('are sent whole, whatever part is asked for, and only their head to who asks for that', async () => {
    for (const Range of ['bytes=0-9', 'bytes=-5', 'bytes=5-1', 'bytes=0-0,2-3', 'rows=1'])
      expect(await ask(APP, { Range })).toMatchObject({ status: 200, text: SCRIPT })
    const whole = await ask(APP, { 'Accept-Encoding': 'br' })
    const head = await ask(APP, { 'Accept-Encoding': 'br' }, 'HEAD')
    expect(head).toMatchObject({ status: 200, text: '' })
    const { date: _, 'x-request-id': __, ...headers } = head.headers
    expect(whole.headers).toMatchObject(headers)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await ask(APP, {}, method)).status).not.toBe(200)
  })

  it.each([
    '/../secret.js',
    '/%2e%2e/secret.js',
    '/js/..%2f..%2fsecret.js',
    '/js/%2e%2e/%2e%2e/secret.js',
    '/js/..%5C..%5Csecret.js',
    '/%252e%252e/secret.js',
    '/js/../../secret.js%00.js',
    '//secret.js',
    '/.secret.js',
    '/js',
    '/js/',
    '/js/app.0123abcd.js.br',
    '/index.html.br',
    '/__proto__',
  ])('are all that is there: nothing at %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, text: expect.stringContaining('"code":"not-found"') })
  })

  it('have one name each, however it is written; what can’t be read is said to be so', async () => {
    expect(await ask('/js/%61pp.0123abcd.js')).toMatchObject({ status: 200, text: SCRIPT })
    for (const path of ['/%', '/%ff', '/js/%E4%BD.js'])
      expect(await ask(path)).toMatchObject({ status: 400, text: expect.stringContaining('"code":"invalid-input"') })
  })

  it('have an address for the poster of a code that can be typed at a print shop, and leads nowhere else', async () => {
    expect(await ask('/q/M0001/poster')).toMatchObject({
      status: 302,
      headers: { location: '/#/pages/poster/index?merchant=M0001' },
    })
    for (const path of ['/q/%2F%2Fevil.example/poster', '/q/M1&x=1/poster', '/q//poster', '/q/M0001/poster/x'])
      expect((await ask(path)).status).toBe(404)
  })

  it('are not there where none are built, which is said as of any address', async () => {
    const without = await serveApp({ ...httpDepsOf(startFlow()), h5Dir: join(dir, 'nothing') })
    for (const path of ['/', '/q/M0001']) expect((await fetch(without.url + path)).status).toBe(404)
    await without.stop()
  })
})

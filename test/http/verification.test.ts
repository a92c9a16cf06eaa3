import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpDepsOf, serveApp, startFlow } from '../support/flow'

describe('the files by which a platform sees that the address is ours', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-verification-'))
  const verificationDir = join(dir, 'files')
  const h5Dir = join(dir, 'pages')
  let app: Awaited<ReturnType<typeof serveApp>>
  beforeAll(async () => {
    mkdirSync(verificationDir)
    mkdirSync(join(verificationDir, 'folder.txt'))
    mkdirSync(h5Dir)
    writeFileSync(join(dir, 'secret.txt'), 'not for the world')
    writeFileSync(join(verificationDir, 'notes.md'), 'not for the world')
    writeFileSync(join(verificationDir, 'MP_verify_AbC123.txt'), 'AbC123')
    writeFileSync(join(verificationDir, '4f2a9.txt'), 'of the link rule\n')
    writeFileSync(join(h5Dir, 'index.html'), 'the page')
    app = await serveApp({ ...httpDepsOf(startFlow()), verificationDir, h5Dir })
  })
  afterAll(async () => {
    await app.stop()
    rmSync(dir, { recursive: true })
  })

  /** The path as it is written; `fetch` would tidy it. */
  const get = (path: string, url = app.url) =>
    new Promise<{ status?: number; type?: string; text: string }>((done, fail) => {
      const { hostname, port } = new URL(url)
      const asked = request({ hostname, port, path }, (reply) => {
        let text = ''
        reply.on('data', (chunk) => (text += chunk))
        reply.on('end', () => done({ status: reply.statusCode!, type: reply.headers['content-type'] ?? '', text }))
      })
      asked.on('error', fail).end()
    })

  it.each(['/MP_verify_AbC123.txt', '/q/MP_verify_AbC123.txt'])('are answered at %s byte by byte', async (path) => {
    expect(await get(path)).toEqual({ status: 200, type: 'text/plain; charset=utf-8', text: 'AbC123' })
  })

  it('may be laid there while we run', async () => {
    expect((await get('/q/later.txt')).status).toBe(404)
    writeFileSync(join(verificationDir, 'later.txt'), 'later')
    expect(await get('/q/later.txt')).toMatchObject({ status: 200, text: 'later' })
  })

  it.each([
    '/q/absent.txt',
    '/absent.txt',
    '/folder.txt',
    '/notes.md',
    '/../secret.txt',
    '/q/../secret.txt',
    '/..%2Fsecret.txt',
    '/q/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/q/..%5Csecret.txt',
    '/q/secret.txt%00.txt',
    '//secret.txt',
  ])('nothing else is: %s', async (path) => {
    const { status, text } = await get(path)
    expect([400, 404]).toContain(status)
    expect(text).not.toContain('not for the world')
  })

  it('leave a scanned code what it was', async () => {
    expect(await get('/q/M0001')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', text: 'the page' })
  })

  it('without a folder there are none', async () => {
    const without = await serveApp(httpDepsOf(startFlow()))
    expect((await get('/MP_verify_AbC123.txt', without.url)).status).toBe(404)
    await without.stop()
  })

  it('a folder that can’t be read is an error of ours, and told to nobody', async () => {
    symlinkSync('loop.txt', join(verificationDir, 'loop.txt'))
    const { status, text } = await get('/loop.txt')
    expect(status).toBe(500)
    expect(text).not.toContain(dir)
  })
})

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../server/http/app'
import { type Served, serve } from '../../server/serve'
import { httpDepsOf, startFlow } from '../support/flow'

const INLINE = '\n  var dpr = 2;\n  document.title = "付款"\n'
const PAGE = `<!doctype html><html><head><script>${INLINE}</script><SCRIPT type="module">let two</SCRIPT><script defer src="js/app.js"></script></head></html>`
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('what a browser is told that it may do', () => {
  const h5Dir = mkdtempSync(join(tmpdir(), 'fapai-pages-'))
  const servers: Served[] = []
  beforeAll(() => {
    writeFileSync(join(h5Dir, 'index.html'), PAGE)
    writeFileSync(join(h5Dir, 'app.0123abcd.js'), 'app')
  })
  afterAll(async () => {
    for (const one of servers) await one.stop(0)
    rmSync(h5Dir, { recursive: true, force: true })
  })

  const start = async (changed: object = {}) => {
    const served = await serve(createApp(httpDepsOf(startFlow(), { h5Dir, ...changed })).callback(), 0, '127.0.0.1')
    servers.push(served)
    return (path: string, headers: Record<string, string> = {}) =>
      new Promise<{ status: number | undefined; headers: IncomingMessage['headers']; text: string }>(
        (resolve, reject) => {
          const asked = get({ port: served.port, host: '127.0.0.1', path, headers }, async (answer) => {
            let text = ''
            for await (const part of answer) text += part
            resolve({ status: answer.statusCode, headers: answer.headers, text })
          })
          asked.on('error', reject)
        },
      )
  }
  const policyIn = (answer: { headers: IncomingMessage['headers'] }) =>
    new Map(
      String(answer.headers['content-security-policy'])
        .split('; ')
        .map((one) => [one.split(' ')[0]!, one.split(' ').slice(1)]),
    )

  it('on a page: its own scripts and the two that stand in it, sockets of our own host, forms to us alone', async () => {
    const ask = await start({ publicUrl: null })
    for (const path of ['/', '/index.html', '/q/M0001']) {
      const policy = policyIn(await ask(path, { Host: 'pay.example:8443' }))
      expect(policy.get('script-src')).toEqual(["'self'", hash(INLINE), hash('let two')])
      expect(policy.get('connect-src')).toEqual(["'self'", 'ws://pay.example:8443'])
      expect(policy.get('form-action')).toEqual(["'self'"])
      expect([policy.get('base-uri'), policy.get('object-src'), policy.get('frame-ancestors')]).toEqual([
        ["'none'"],
        ["'none'"],
        ["'none'"],
      ])
    }
  })

  it('names the host that we are known by, and repeats nothing that is no host', async () => {
    const known = await start({ publicUrl: 'https://pay.bank.example' })
    expect(policyIn(await known('/', { Host: 'evil.example' })).get('connect-src')).toEqual([
      "'self'",
      'wss://pay.bank.example',
    ])
    const ask = await start({ publicUrl: null })
    for (const Host of ["x; script-src 'unsafe-inline'", 'a b', '*', "x'y"])
      expect(policyIn(await ask('/', { Host })).get('connect-src')).toEqual(["'self'"])
    expect(policyIn(await ask('/', { Host: '[::1]:8787' })).get('connect-src')).toEqual(["'self'", 'ws://[::1]:8787'])
  })

  it('on everything else: nothing', async () => {
    const ask = await start()
    for (const path of ['/api/merchants/M0001', '/api/nothing', '/openapi.json', '/app.0123abcd.js', '/q/%20', '/%'])
      expect((await ask(path)).headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
  })

  const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
  it.each([
    ['/q/%E4%BD%A0', 404, '没有这家商户'],
    ['/nowhere/at/all', 404, '没有这个页面'],
    ['/%', 400, '这个页面打不开'],
    ['/api/nothing', 404, '没有这个页面'],
    ['/login/nobody?to=/q/M0001', 404, '没有这个页面'],
    ['/api/orders', 401, '这个页面打不开'],
  ])('%s is a page in Chinese to a browser, and a problem to everybody else', async (path, status, title) => {
    const ask = await start()
    const page = await ask(path, BROWSER)
    expect(page).toMatchObject({ status, headers: { 'content-type': 'text/html; charset=utf-8', vary: 'Accept' } })
    expect(page.text).toContain(`<h1>${title}</h1>`)
    expect(page.text).not.toContain('urn:fapai')
    expect(policyIn(page).get('style-src')).toEqual([hash(/<style>([\s\S]*)<\/style>/.exec(page.text)![1]!)])
    for (const Accept of ['*/*', 'application/json', 'application/problem+json'])
      expect(await ask(path, { Accept })).toMatchObject({
        status,
        headers: { 'content-type': expect.stringContaining('application/problem+json'), vary: 'Accept' },
        text: expect.stringContaining('"type":"urn:fapai:problem:'),
      })
  })
})

import { connect } from 'node:net'
import { LedgerUnavailable } from '../../server/flow/ports'
import { createApp } from '../../server/http/app'
import { serveLive } from '../../server/http/live'
import { refuseUnreadable } from '../../server/http/refuse'
import { type Served, serve } from '../../server/serve'
import { httpDepsOf, startFlow } from '../support/flow'

/** Bytes that are no request, and upgrades: what Koa never sees is refused with a code like everything else. */
describe('a connection', () => {
  const deps = httpDepsOf(startFlow())
  let served: Served
  let live: { close(): void }
  beforeAll(async () => {
    served = await serve(createApp(deps).callback(), 0, '127.0.0.1')
    refuseUnreadable(served.server)
    live = serveLive(served.server, deps)
  })
  afterAll(async () => {
    live.close()
    await served.stop(0)
  })

  /** What comes back for these bytes until the server ends the connection. */
  const answerTo = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(served.port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
      let text = ''
      socket.on('data', (data) => {
        text += data
      })
      socket.on('error', reject)
      socket.on('end', () => socket.end())
      socket.on('close', () => resolve(text))
    })
  const problemIn = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toContain('Content-Type: application/problem+json')
    const problem = JSON.parse(body)
    expect(head).toContain(`HTTP/1.1 ${problem.status} `)
    return problem.code
  }
  const upgrade = (address: string, token = '') =>
    `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: fapai.v1, bearer.${token}\r\n\r\n`

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 'malformed-request'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00', 'malformed-request'],
    ['an address of 20 kB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 'headers-too-large'],
    ['headers of 20 kB', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 'headers-too-large'],
    ['NUL in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: a\0b\r\n\r\n', 'malformed-request'],
    [
      'two lengths',
      'POST /api/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'malformed-request',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'malformed-request',
    ],
  ])('of %s is refused with a code', async (_, bytes, code) => {
    expect(problemIn(await answerTo(bytes))).toBe(code)
  })

  it.each([
    ['without a token', '/api/merchant/live', '', 'token-missing'],
    ['with a token of nobody', '/api/merchant/live?after=%00', 'x.y', 'token-invalid'],
  ])('upgraded %s is refused with a code', async (_, address, token, code) => {
    expect(problemIn(await answerTo(upgrade(address, token)))).toBe(code)
  })

  it.each([
    ['to another address', '/api/live', 404, 'not-found'],
    ['to none', '/%zz', 400, 'invalid-input'],
    ['to what needs a token', '/admin/orders', 401, 'token-missing'],
  ])('upgraded %s is answered as without it', async (_, address, status, code) => {
    const answer = await answerTo(upgrade(address).replace('Connection: Upgrade', 'Connection: Upgrade, close'))
    expect(answer).toContain(`HTTP/1.1 ${status} `)
    expect(answer).toContain(`"code":"${code}"`)
  })

  it('upgraded while the ledger is away is told to come again', async () => {
    const away = { bindings: { inForce: () => Promise.reject(new LedgerUnavailable('away')) } }
    Object.assign(deps, { desk: away })
    const { token } = deps.tokens.issue({ kind: 'merchant', merchantCode: 'M0001', bindingId: 1 }, deps.clock.now())
    const answer = await answerTo(upgrade('/api/merchant/live', token))
    expect(problemIn(answer)).toBe('ledger-unavailable')
    expect(answer).toContain('Retry-After: 2')
  })

  it('whose request isn’t answered yet gets no refusal of what came after it for its answer', async () => {
    expect(await answerTo('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nhello\r\n\r\n')).not.toContain('malformed')
  })

  it('is told the ledger’s time by every answer, a page, a refusal and an API’s, whatever this process’s clock says', async () => {
    for (const path of ['/healthz', '/api/nothing', '/openapi.json', '/']) {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect(answer.match(/^Date: .*$/gim)).toEqual([`Date: ${new Date(deps.clock.now()).toUTCString()}`])
    }
  })
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localAuthority, opensslMissing, startTlsFront } from '../../harness/tls'
import { openWire } from '../../server/channel/wire'

const missing = opensslMissing()
if (missing) console.warn(missing)

;(missing ? describe.skip : describe)('a counterpart over TLS', () => {
  const dirs = [mkdtempSync(join(tmpdir(), 'fapai-tls-')), mkdtempSync(join(tmpdir(), 'fapai-tls-'))]
  const [ours, other] = dirs.map((dir) => localAuthority(dir))
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    response.end('{}')
  })
  let front: Awaited<ReturnType<typeof startTlsFront>>
  beforeAll(async () => {
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
    front = await startTlsFront(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, ours!)
  })
  afterAll(async () => {
    await front.stop()
    server.close()
    for (const dir of dirs) rmSync(dir, { recursive: true })
  })

  async function send(path: string, { baseUrl = front.url, caFile }: { baseUrl?: string; caFile?: string } = {}) {
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }
    const wire = openWire({ baseUrl, timeoutMs: 20_000, ...ca })
    const sent = await wire.send({ method: 'GET', path, headers: {}, body: '' })
    await wire.stop()
    return sent.kind
  }

  it('is believed by the authority that it is said to be of, and by no other', async () => {
    expect(await send('/ours', { caFile: ours!.caFile })).toBe('answered')
    expect(await send('/other', { caFile: other!.caFile })).toBe('failed')
    expect(await send('/nobody')).toBe('failed')
    expect(seen).toEqual(['/ours'])
  })

  it('is believed under its own name alone', async () => {
    const { port } = new URL(front.url)
    const named = `https://[::ffff:127.0.0.1]:${port}`
    expect(await send('/named', { baseUrl: named, caFile: ours!.caFile })).toBe('failed')
    expect(seen).not.toContain('/named')
  })
})

import { get, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import Koa from 'koa'
import { packed } from '../../server/http/packed'
import { type Served, serve } from '../../server/serve'

const LONG = { items: Array.from({ length: 50 }, (_, i) => ({ code: `M${i}`, name: '老街牛肉面' })) }
const BODIES: Record<string, unknown> = { '/long': LONG, '/short': { items: [] }, '/none': undefined }

describe('a desk’s answer', () => {
  let served: Served
  beforeAll(async () => {
    const app = new Koa().use(async (ctx) => {
      ctx.status = 200
      ctx.body = await packed(ctx, BODIES[ctx.path])
    })
    served = await serve(app.callback(), 0, '127.0.0.1')
  })
  afterAll(() => served.stop(0))

  const ask = (path: string, accepts?: string) =>
    new Promise<{ headers: IncomingMessage['headers']; bytes: Buffer }>((done, fail) => {
      const headers = accepts === undefined ? {} : { 'Accept-Encoding': accepts }
      const asked = get({ port: served.port, host: '127.0.0.1', path, headers }, async (answer) => {
        const parts: Buffer[] = []
        for await (const part of answer) parts.push(part)
        done({ headers: answer.headers, bytes: Buffer.concat(parts) })
      })
      asked.on('error', fail)
    })

  it.each(['gzip', 'gzip, deflate, br', 'br, gzip;q=0.5'])(
    'is packed for who takes %s, and says so to caches',
    async (accepts) => {
      const { headers, bytes } = await ask('/long', accepts)
      expect(headers).toMatchObject({
        'content-encoding': 'gzip',
        'content-type': 'application/json; charset=utf-8',
        vary: 'Accept-Encoding',
        'content-length': String(bytes.length),
      })
      expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(LONG)
      expect(bytes.length).toBeLessThan(JSON.stringify(LONG).length / 4)
    },
  )

  it.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'zstd'])('is not for who takes %s', async (accepts) => {
    const { headers, bytes } = await ask('/long', accepts)
    expect(headers['content-encoding']).toBeUndefined()
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', vary: 'Accept-Encoding' })
    expect(JSON.parse(bytes.toString())).toEqual(LONG)
  })

  it('stays as it is where it is short, and where there is none', async () => {
    const { headers, bytes } = await ask('/short', 'gzip')
    expect([headers['content-encoding'], headers['content-type'], bytes.toString()]).toEqual([
      undefined,
      'application/json; charset=utf-8',
      '{"items":[]}',
    ])
    expect((await ask('/none', 'gzip')).bytes).toHaveLength(0)
  })
})

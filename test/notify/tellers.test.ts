import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OutsideMessage } from '../../server/flow/ports'
import { webhook } from '../../server/notify/webhook'
import { wecomRobot } from '../../server/notify/wecom'

const SECRET = Buffer.alloc(32, 7)
const NOW = Date.parse('2026-11-21T12:00:00+08:00')
const MESSAGE: OutsideMessage = {
  id: 42,
  kind: 'rejected',
  at: NOW - 1_000,
  title: '已驳回：活动「美食街」上线',
  text: '理由：预算写错了',
  url: 'https://fapai.example/#/console/campaigns/street',
}

/** Whoever is told: it answers as a test says, and remembers what it was sent. */
describe('telling outside of the console', () => {
  let server: Server
  let url: string
  let answer: (reply: ServerResponse) => void
  const got: { method: string | undefined; path: string | undefined; headers: IncomingHttpHeaders; body: string }[] = []
  beforeAll(async () => {
    server = createServer(async (request, reply) => {
      let body = ''
      for await (const chunk of request) body += chunk
      got.push({ method: request.method, path: request.url, headers: request.headers, body })
      answer(reply)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/robot?key=SECRET-KEY`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    got.length = 0
  })
  const says = (status: number, body = '', headers: Record<string, string> = {}) => {
    answer = (reply) => reply.writeHead(status, headers).end(body)
  }

  describe('by a webhook', () => {
    const tell = (message = MESSAGE) => webhook({ url, secret: SECRET }).tell(message, NOW)

    it('is signed over its time and its body, so that its receiver can trust both', async () => {
      says(204)
      expect(await tell()).toEqual({ kind: 'told', code: '204' })
      const [{ method, headers, body }] = got as [(typeof got)[number]]
      expect([method, headers['content-type']]).toEqual(['POST', 'application/json; charset=utf-8'])
      const signed = createHmac('sha256', SECRET).update(`${headers['fapai-timestamp']}.${body}`).digest('hex')
      expect(headers['fapai-signature']).toBe(signed)
      expect([headers['fapai-timestamp'], headers['fapai-id']]).toEqual([String(NOW), '42'])
      expect(JSON.parse(body)).toEqual({ ...MESSAGE, at: '2026-11-21T03:59:59.000Z' })
      // another secret, another signature
      await webhook({ url, secret: Buffer.alloc(32, 8) }).tell(MESSAGE, NOW)
      expect(got[1]!.headers['fapai-signature']).not.toBe(signed)
    })

    it.each([400, 404, 429, 500, 503])('is tried again after a %i', async (status) => {
      says(status, 'no')
      expect(await tell()).toEqual({ kind: 'again', code: String(status) })
    })

    it('is led nowhere else: who answers with another address is asked again', async () => {
      says(307, '', { location: url.replace('/robot', '/elsewhere') })
      expect(await tell()).toEqual({ kind: 'again', code: 'no-answer' })
      expect(got.map(({ path }) => path)).toEqual(['/robot?key=SECRET-KEY'])
    })

    it('takes an answer without end for one, and reads no more of it than it needs', async () => {
      let sent = 0
      answer = (reply) => {
        reply.writeHead(200)
        const more = () => {
          if (reply.destroyed) return
          sent += 1_024
          reply.write('x'.repeat(1_024), () => setImmediate(more))
        }
        more()
      }
      expect(await tell()).toEqual({ kind: 'told', code: '200' })
      expect(sent).toBeLessThan(10_000_000)
    })

    it('gives no error further when nobody answers, since addresses hold keys', async () => {
      answer = (reply) => reply.destroy()
      expect(await tell()).toEqual({ kind: 'again', code: 'no-answer' })
    })
  })

  describe('by a robot of 企业微信', () => {
    const tell = (message = MESSAGE) => wecomRobot(url).tell(message, NOW)
    const content = () => (JSON.parse(got.at(-1)!.body) as { text: { content: string } }).text.content

    it('is a text with its link', async () => {
      says(200, '{"errcode":0,"errmsg":"ok"}')
      expect(await tell()).toEqual({ kind: 'told', code: 'errcode-0' })
      expect(JSON.parse(got[0]!.body)).toEqual({
        msgtype: 'text',
        text: {
          content: `【发牌运营台】${MESSAGE.title}\n${MESSAGE.text}\n${MESSAGE.url}`,
        },
      })
      await tell({ ...MESSAGE, text: '', url: null })
      expect(content()).toBe(`【发牌运营台】${MESSAGE.title}`)
    })

    it.each<[string, number, string, string]>([
      ['it is asked too often', 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', 'errcode-45009'],
      ['the robot was taken away', 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', 'errcode-93000'],
      ['a proxy answers', 200, '<html>login</html>', 'malformed-answer'],
      ['it says yes in another form', 200, '{"errcode":"0"}', 'malformed-answer'],
      ['it is away', 502, '', '502'],
    ])('is tried again when %s', async (_, status, body, code) => {
      says(status, body)
      expect(await tell()).toEqual({ kind: 'again', code })
    })

    it('stays within what the robot takes', async () => {
      says(200, '{"errcode":0}')
      await tell({ ...MESSAGE, text: '长'.repeat(1_000) })
      expect(Buffer.byteLength(content())).toBeLessThanOrEqual(2_048)
      expect(wecomRobot(url).perMinute).toBeLessThanOrEqual(20)
    })
  })
})

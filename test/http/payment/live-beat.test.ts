import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket from 'ws'
import { type SilentProxy, startSilentProxy } from '../../../harness/silent-proxy'
import { eventually } from '../../../harness/system'
import type { LiveMessage } from '../../../server/http/contract'
import { serveLive } from '../../../server/http/live'
import { type Flow, httpDepsOf, startFlow } from '../../support/flow'

/** Longer than a busy machine keeps a pong waiting. */
const BEAT_MS = 500
const WATCH_MS = 5

/** What the server tells a page so that it can know whether it is still there. */
describe('the live feed’s beat', () => {
  let flow: Flow
  let behind: boolean
  /** of this test's own server; those of the one before may still be leaving */
  let readers: Set<object>
  let url: string
  let token: string
  let stop: () => Promise<void>
  const sockets: WebSocket[] = []
  const proxies: SilentProxy[] = []

  beforeEach(async () => {
    flow = startFlow()
    behind = false
    const here = new Set<object>()
    readers = here
    const feed = {
      ...flow.ledger,
      behind: () => behind,
      async subscribe(...args: Parameters<Flow['ledger']['subscribe']>) {
        const leave = await flow.ledger.subscribe(...args)
        const reader = {}
        here.add(reader)
        return () => {
          here.delete(reader)
          leave()
        }
      },
    }
    const deps = httpDepsOf(flow, { feed })
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const live = serveLive(server, deps, { beatMs: BEAT_MS, watchMs: WATCH_MS })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    token = deps.tokens.issue({ kind: 'merchant', merchantCode: 'M0001' }, flow.clock.at).token
    stop = async () => {
      live.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
  afterEach(async () => {
    for (const one of sockets.splice(0)) one.terminate()
    for (const one of proxies.splice(0)) await one.stop()
    await stop()
  })

  async function listen(origin = url) {
    const heard: LiveMessage[] = []
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/merchant/live`, ['fapai.v1', `bearer.${token}`])
    sockets.push(socket)
    socket.on('message', (data) => heard.push(JSON.parse(String(data)) as LiveMessage))
    socket.on('error', () => {})
    await eventually(async () => heard.find(({ type }) => type === 'ready'))
    return heard
  }
  const beats = (heard: LiveMessage[]) => heard.filter((one) => one.type === 'beat').map(({ behind }) => behind)
  const got = (heard: LiveMessage[], count: number) =>
    eventually(async () => (beats(heard).length >= count ? beats(heard) : undefined))

  it('comes again and again, as a message that a page can see', async () => {
    expect((await got(await listen(), 3)).slice(0, 3)).toEqual([false, false, false])
  })

  it('says at once when the feed falls behind, and when it no longer is', async () => {
    const heard = await listen()
    behind = true
    await eventually(async () => beats(heard).includes(true) || undefined)
    behind = false
    await eventually(async () => (beats(heard).at(-1) === false && beats(heard).length > 1) || undefined)
    expect(beats(heard)).toContain(true)
  })

  it('tells one who comes while the feed is behind', async () => {
    behind = true
    expect((await got(await listen(), 1))[0]).toBe(true)
  })

  it('ends for a page whose packets are swallowed: the server no longer feeds it', async () => {
    const proxy = await startSilentProxy(url)
    proxies.push(proxy)
    await listen(proxy.url)
    await listen()
    expect(readers.size).toBe(2)
    proxy.swallow()
    await eventually(async () => readers.size === 1 || undefined)
    expect(sockets[0]!.readyState).toBe(WebSocket.OPEN)
  })

  it('of a server that stops ends by the code that says to come back', async () => {
    await listen()
    const closed = new Promise((resolve) => sockets[0]!.once('close', resolve))
    await stop()
    expect(await closed).toBe(1012)
    stop = async () => {}
  })
})

import { defaultMaxListeners, once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { oneSqlEngine, type TestSql } from '../../harness/sql'
import { admission } from '../../server/http/admission'
import { createApp } from '../../server/http/app'
import { line } from '../../server/http/line'
import { type Served, serve } from '../../server/serve'
import { whenOver } from '../../server/serve/over'
import { type Office, startOffice } from '../support/office'

describe('an answer that is over', () => {
  let served: Served | undefined
  afterEach(() => served?.stop(0))

  async function ask(listener: RequestListener): Promise<ServerResponse> {
    const asked = new Promise<ServerResponse>((resolve) => {
      const told: RequestListener = (request, response) => {
        resolve(response)
        listener(request, response)
      }
      serve(told, 0, '127.0.0.1').then((one) => {
        served = one
        connect(one.port, '127.0.0.1')
          .on('error', () => {})
          .write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      })
    })
    return asked
  }

  it('tells everybody who asked, once, in their order, by one listener', async () => {
    const told: string[] = []
    const response = await ask(() => {})
    const before = response.listenerCount('close')
    for (const name of ['first', 'second', 'third'])
      whenOver(response, function () {
        told.push(`${name} ${this === response}`)
      })
    expect(response.listenerCount('close')).toBe(before)
    response.end()
    await once(response, 'close')
    expect(told).toEqual(['first true', 'second true', 'third true'])
  })

  it('is also one that is broken off', async () => {
    const response = await ask((_, answer) => void answer.write('half'))
    const over = new Promise<void>((resolve) => whenOver(response, resolve))
    response.destroy()
    await over
  })
})

/** Node takes more than ten listeners for a leak, and prints so. */
describe.each(oneSqlEngine())('a file for the desk, behind all that a request passes, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  it('is watched by no more listeners than any answer may have', async () => {
    const load = admission({ requests: 100, delayMs: 1e9, delay: () => 0, waiting: () => 0, now: () => 0 })
    const floods = line({ now: () => performance.now(), holderOf: () => 'somebody' })
    const counts: number[] = []
    const house = floods.stand(load.admit(createApp(office.deps).callback()))
    const { port, stop } = await serve(
      (request, response) => {
        response.on('newListener', (name) => {
          if (name === 'close') counts.push(response.listenerCount(name) + 1)
        })
        house(request, response)
      },
      0,
      '127.0.0.1',
    )
    const headers = { authorization: `Bearer ${office.token('viewer')}` }
    const reply = await fetch(`http://127.0.0.1:${port}/admin/campaigns/street/report.csv?by=day`, { headers })
    expect([reply.status, reply.headers.get('content-disposition')]).toEqual([200, expect.stringContaining('.csv')])
    await reply.text()
    await stop(0)
    expect(counts.length).toBeGreaterThan(5)
    expect(Math.max(...counts)).toBeLessThanOrEqual(defaultMaxListeners)
  })
})

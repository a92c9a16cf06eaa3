import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import Koa from 'koa'
import { errorsOfAnswers } from '../../server/http/error-writer'
import { type Served, serve } from '../../server/serve'

/** What fails when an answer has begun. */
describe('an answer that is on its way', () => {
  const error = jest.fn()
  let printed: jest.SpyInstance
  let body: PassThrough
  let hangUp: () => void
  let failed: Promise<unknown>
  let served: Served
  beforeEach(async () => {
    error.mockClear()
    printed = jest.spyOn(console, 'error').mockImplementation(() => {})
    const app = new Koa()
    app.on('error', errorsOfAnswers({ log: { error } as never }))
    failed = once(app, 'error')
    app.use((ctx) => {
      body = new PassThrough()
      hangUp = () => ctx.req.socket.destroy()
      body.write('a'.repeat(100_000))
      ctx.body = body
    })
    served = await serve(app.callback(), 0, '127.0.0.1')
  })
  afterEach(async () => {
    await served.stop(0)
    printed.mockRestore()
  })

  async function asked() {
    const caller = connect(served.port, '127.0.0.1').on('error', () => {})
    caller.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(caller, 'data')
    return caller
  }

  it('to somebody who hangs up leaves no line in the log', async () => {
    const caller = await asked()
    caller.resetAndDestroy()
    await failed
    expect([error.mock.calls, printed.mock.calls]).toEqual([[], []])
  })

  it('to somebody on whom we hang up leaves none either', async () => {
    await asked()
    hangUp()
    await failed
    expect([error.mock.calls, printed.mock.calls]).toEqual([[], []])
  })

  it('and fails for a reason of ours is logged as that', async () => {
    await asked()
    body.destroy(new Error('the source broke'))
    await failed
    const err = expect.objectContaining({ message: 'the source broke' })
    expect(error).toHaveBeenCalledWith({ err, method: 'GET', route: 'none' }, 'internal')
    expect(printed).not.toHaveBeenCalled()
  })
})

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { later } from '../../server/serve/later'

/** Who is hung up on comes again; so they are let go late, and cost nothing meanwhile. */

const pair = async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [ours] = (await accepted) as [Socket]
  server.close()
  return { ours, caller }
}

it('a refused connection ends late, and nothing of it is read until then', async () => {
  const { ours, caller } = await pair()
  let read = 0
  ours.on('data', () => read++)
  const closed = once(caller, 'close')
  const ended: string[] = []
  later(ours, () => {
    ended.push('ended')
    ours.destroy()
  })
  caller.write('more')
  await new Promise(setImmediate)
  expect([read, ended]).toEqual([0, []])
  await closed
  expect([read, ended]).toEqual([0, ['ended']])
})

it('who leaves first is not ended once more, and leaves room for another', async () => {
  const { ours, caller } = await pair()
  const end = jest.fn()
  later(ours, end)
  caller.destroy()
  ours.destroy()
  await once(ours, 'close')
  jest.useFakeTimers()
  jest.advanceTimersByTime(60_000)
  jest.useRealTimers()
  expect(end).not.toHaveBeenCalled()
})

it('of a thousand at once the next ends at once', () => {
  const held = Array.from({ length: 1_000 }, () => ({ pause() {}, once: jest.fn() }))
  for (const one of held) later(one as never, () => {})
  const end = jest.fn()
  later({ pause() {}, once() {} } as never, end)
  expect(end).toHaveBeenCalledTimes(1)
  // They close, and there is room again.
  for (const one of held) one.once.mock.calls[0][1]()
  later({ pause() {}, once: (_: string, close: () => void) => close() } as never, end)
  expect(end).toHaveBeenCalledTimes(1)
})

import type { IncomingMessage, ServerResponse } from 'node:http'
import { expectedWait } from '../../server/http/expected-wait'

/** How long whoever comes now waits: by who is here, and how fast they are served. */

function house() {
  let at = 0
  let elsewhere = 0
  const open: { end(status?: number): void }[] = []
  const wait = expectedWait(
    () => at,
    () => elsewhere,
  )
  return {
    wait,
    open,
    pass(ms: number) {
      at += ms
      return wait.ms()
    },
    atTheBank(count: number) {
      elsewhere = count
    },
    come(count: number, request: { complete: boolean } = { complete: true }) {
      for (let i = 0; i < count; i++) {
        const listeners: (() => void)[] = []
        const response = {
          statusCode: 200,
          writableEnded: false,
          once: (_: string, listener: () => void) => listeners.push(listener),
        }
        wait.count(request as IncomingMessage, response as unknown as ServerResponse)
        open.push({
          end(status = 200) {
            response.statusCode = status
            response.writableEnded = true
            for (const listener of listeners) listener.call(response)
          },
        })
      }
    },
    /** the first of those who are here have their answers */
    serve(count: number, status?: number) {
      for (const one of open.splice(0, count)) one.end(status)
    },
  }
}

/** So many are always here, and twenty are served in each tenth of a second. */
function crowded(count: number) {
  const all = house()
  all.come(count)
  for (let i = 0; i < 20; i++) {
    all.pass(100)
    all.serve(20)
    all.come(20)
  }
  return all
}

it('is who is here by how many are served in a second, and falls as they leave', () => {
  const { wait, serve, pass } = crowded(100)
  expect(wait.ms()).toBeCloseTo(500, -1)
  serve(50)
  expect(wait.ms()).toBeCloseTo(250, -1)
  serve(34)
  expect(wait.ms()).toBe(0)
  expect(pass(10_000)).toBe(0)
})

it('is nothing while few are here, however slow they are served, nor in a burst that comes to a quiet house', () => {
  const { wait, come, pass } = house()
  come(16)
  for (let i = 0; i < 10; i++) expect(pass(1_000)).toBe(0)
  come(500)
  expect(wait.ms()).toBe(0)
  expect(pass(99)).toBe(0)
  expect(pass(1_000)).toBeGreaterThan(0)
})

it('knows within half a second that all has become slow, and that it is fast again', () => {
  const { wait, pass, serve, come } = crowded(100)
  const inTurn = (served: number) => {
    pass(100)
    serve(served)
    come(served)
  }
  for (let i = 0; i < 5; i++) inTurn(2)
  expect(wait.ms()).toBeGreaterThan(2_000)
  for (let i = 0; i < 5; i++) inTurn(40)
  expect(wait.ms()).toBeLessThan(300)
})

it('takes a house that answers nobody for slow, and no refusal for an answer', () => {
  const { come, pass, serve } = crowded(100)
  for (let i = 0; i < 20; i++) {
    come(200)
    serve(200, 503)
    pass(100)
  }
  expect(pass(0)).toBeGreaterThan(20_000)
})

it.each([
  [403, 500],
  [409, 500],
  [429, 1_000],
])('takes the half of whom an answer of %i is given for served or not: %i ms', (status, ms) => {
  const { wait, pass, serve, come } = crowded(100)
  for (let i = 0; i < 20; i++) {
    pass(100)
    serve(10)
    serve(10, status)
    come(20)
  }
  expect(Math.abs(wait.ms() - ms)).toBeLessThan(20)
})

it('counts nobody who waits for a channel, who still sends, or who still reads their answer', () => {
  const { wait, come, pass, atTheBank } = crowded(30)
  expect(wait.ms()).toBeGreaterThan(0)
  atTheBank(20)
  expect(wait.ms()).toBe(0)
  atTheBank(0)
  const before = pass(100)
  come(300, { complete: false })
  pass(100)
  expect(pass(0)).toBeLessThan(2 * before + 100)
})

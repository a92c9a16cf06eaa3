import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import { fetchNext } from '../../src/platform/opening'

/** The script that stands in the page of a browser, before any of the built ones. */

const html = readFileSync(resolve(__dirname, '../../src/index.html'), 'utf8')
const [, script = ''] = /<script>\s*(;\(function[\s\S]+?)<\/script>/.exec(html)!
const RESULT = '#/pages/result/index?orderNo=F1'

beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-11-20T04:00:00.000Z') }))
afterEach(() => void jest.useRealTimers())

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

/** The page with its script run; `answer`: how the server answers, null without a network. */
function openPage() {
  const kept = new Map<string, unknown>()
  const page = { hash: RESULT, reloads: 0, asked: 0, answer: null as { ok: boolean } | null }
  let failed: (event: object) => void = () => {}
  const location = {
    pathname: '/',
    search: '',
    get hash() {
      return page.hash
    },
    reload: () => void page.reloads++,
  }
  runInNewContext(script, {
    location,
    window: {},
    Date,
    setTimeout,
    clearTimeout,
    addEventListener: (_: string, listener: typeof failed) => {
      failed = listener
    },
    sessionStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: kept.set.bind(kept) },
    fetch: async () => {
      page.asked++
      if (!page.answer) throw new TypeError('Failed to fetch')
      return page.answer
    },
  })
  const lose = (tagName = 'SCRIPT', rel = '') => failed({ target: { tagName, rel } })
  return Object.assign(page, { lose })
}

describe('a file of the page that is wanted can’t be had', () => {
  it('and there is a network: it is another release, which is taken once a minute at the most', async () => {
    const page = openPage()
    page.answer = { ok: true }
    page.lose()
    await pass(0)
    expect(page.reloads).toBe(1)
    page.lose()
    await pass(59_000)
    expect(page.reloads).toBe(1)
    await pass(1_000)
    page.lose('LINK', 'stylesheet')
    await pass(0)
    expect(page.reloads).toBe(2)
  })

  it('and there is none: it is tried until there is, however many files were wanted, and in nobody’s way meanwhile', async () => {
    const page = openPage()
    page.lose()
    page.lose('LINK', 'stylesheet')
    await pass(60_000)
    expect([page.reloads, page.asked]).toEqual([0, 14])
    page.answer = { ok: false }
    await pass(5_000)
    expect(page.reloads).toBe(0)
    page.answer = { ok: true }
    await pass(5_000)
    expect(page.reloads).toBe(1)
  })

  it('and its reader has gone elsewhere: they stay there', async () => {
    const page = openPage()
    page.lose()
    await pass(0)
    page.hash = '#/pages/orders/index'
    page.answer = { ok: true }
    await pass(60_000)
    expect([page.reloads, page.asked]).toEqual([0, 1])
  })

  it('which is no matter where it was only to be there sooner, or is a picture', async () => {
    const page = openPage()
    page.answer = { ok: true }
    page.lose('LINK', 'preload')
    page.lose('IMG')
    await pass(60_000)
    expect([page.reloads, page.asked]).toEqual([0, 0])
  })
})

it('the files of the page that comes next are fetched once, and nobody minds those that can’t be', async () => {
  const asked: string[] = []
  Object.assign(globalThis, {
    fetch: async (file: string) => {
      asked.push(file)
      throw new TypeError('Failed to fetch')
    },
  })
  window.fapaiNext = ['/js/result.0123abcd.js', '/css/result.0123abcd.css']
  fetchNext()
  fetchNext()
  await pass(0)
  expect(asked).toEqual(['/js/result.0123abcd.js', '/css/result.0123abcd.css'])
})

import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { launchBrowser, PHONE_SIZE } from '../harness/browser'
import { tell } from './figure'
import { median } from './rounds'

/**
 * `npx tsx bench/page.ts [ref] [runs]`: how soon somebody who scans a code for the first time sees something and can type, on slow
 * networks and a slow telephone; of the sources as they are, and in turns with them of another git ref (docs/BENCH.md).
 */
const ROOT = resolve(__dirname, '..')
const SLOWER = 4

/** Chromium's own presets: what its network panel calls Slow 4G and 3G; before 2024 these were Fast 3G and Slow 3G. */
const NETWORKS = {
  'Slow 4G': { latency: 562.5, downloadThroughput: (1_600_000 / 8) * 0.9, uploadThroughput: (750_000 / 8) * 0.9 },
  '3G': { latency: 2_000, downloadThroughput: (500_000 / 8) * 0.8, uploadThroughput: (500_000 / 8) * 0.8 },
}

interface Opening {
  /** ms since the code was scanned */
  seenMs: number
  keysMs: number
  bytes: number
  requests: number
}

async function main(): Promise<void> {
  const [ref, runs = '5'] = process.argv.slice(2)
  const before = ref === undefined || ref === '' ? undefined : checkout(ref)
  const houses: { name: string; house: House }[] = []
  const browser = await launchBrowser()
  try {
    if (before) houses.push({ name: ref!, house: await startHouse(before) })
    houses.push({ name: 'now', house: await startHouse(ROOT) })
    for (const network of Object.keys(NETWORKS) as (keyof typeof NETWORKS)[]) {
      const openings = houses.map(({ name }) => ({ name, of: [] as Opening[] }))
      for (let run = 0; run < Number(runs); run++)
        for (const [i, { house }] of houses.entries()) openings[i]!.of.push(await opening(browser, house.url, network))
      for (const { name, of } of openings) console.log(line(network, name, of))
      tell({
        name: `keys can be pressed, ${network}`,
        unit: 'ms',
        value: median(openings.at(-1)!.of.map(({ keysMs }) => keysMs)),
      })
    }
  } finally {
    await browser.close()
    for (const { house } of houses) await house.stop()
    if (before) execFileSync('git', ['worktree', 'remove', '--force', before], { cwd: ROOT })
  }
}

/** The sources of another ref, with our packages. */
function checkout(ref: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-page-'))
  rmSync(folder, { recursive: true })
  execFileSync('git', ['worktree', 'add', '--detach', folder, ref], { cwd: ROOT, stdio: 'ignore' })
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

interface House {
  url: string
  stop(): Promise<void>
}

/** The whole product of a folder's sources, in a process of its own. */
function startHouse(folder: string): Promise<House> {
  console.error(`page: building and starting ${folder} …`)
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build-pages.ts', 'h5'], { cwd: folder, stdio: 'ignore' })
  const child: ChildProcess = fork(join(__dirname, 'page-house.ts'), [folder], {
    cwd: folder,
    execArgv: ['--import', 'tsx'],
  })
  const stop = () =>
    new Promise<void>((done) => {
      child.once('exit', () => done())
      child.send('stop')
    })
  return new Promise((done, fail) => {
    child.once('message', (url) => done({ url: String(url), stop }))
    child.once('exit', (code) => fail(new Error(`${folder} didn't start (exit ${code})`)))
  })
}

/** One new person's first opening: an empty cache and no session. The keys count once a key that is pressed is seen. */
async function opening(browser: Browser, url: string, network: keyof typeof NETWORKS): Promise<Opening> {
  const context = await browser.newContext({ viewport: PHONE_SIZE, isMobile: true, hasTouch: true })
  try {
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    let bytes = 0
    let requests = 0
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
      requests += 1
    })
    await cdp.send('Network.enable')
    await cdp.send('Network.emulateNetworkConditions', { offline: false, ...NETWORKS[network] })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    await page.addInitScript(PRESS_WHEN_THERE)
    await page.goto(`${url}/q/M0001`, { waitUntil: 'commit', timeout: 120_000 })
    const keysMs = await page.waitForFunction(() => (window as { keysMs?: number }).keysMs, undefined, {
      timeout: 120_000,
    })
    const seenMs = await page.evaluate(() => performance.getEntriesByName('first-paint')[0]!.startTime)
    return { seenMs, keysMs: (await keysMs.jsonValue()) as number, bytes, requests }
  } finally {
    await context.close()
  }
}

/** Runs in the page: presses 1 as soon as it can be, and says when that was seen. A text, since what runs this file adds helpers to functions. */
const PRESS_WHEN_THERE = `(function look() {
  const typed = document.querySelector('.amount__text')?.textContent
  if (typed?.startsWith('1')) return Object.assign(window, { keysMs: performance.now() })
  document.querySelector('.key--1:not([disabled])')?.click()
  requestAnimationFrame(look)
})()`

function line(network: string, name: string, openings: Opening[]): string {
  const middle = (of: (one: Opening) => number) => openings.map(of).sort((a, b) => a - b)[openings.length >> 1]!
  const seconds = (of: (one: Opening) => number) => {
    const all = openings.map((one) => of(one) / 1_000).sort((a, b) => a - b)
    return `${(middle(of) / 1_000).toFixed(2)} s (${all[0]!.toFixed(2)}–${all.at(-1)!.toFixed(2)})`
  }
  const kilobytes = Math.round(middle(({ bytes }) => bytes) / 1_024)
  return `${network}, CPU ${SLOWER}× slower, ${name}: seen ${seconds(({ seenMs }) => seenMs)}, keys ${seconds(({ keysMs }) => keysMs)}, ${kilobytes} KB in ${middle(({ requests }) => requests)} requests`
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})

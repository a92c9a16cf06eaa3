import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** A real browser on the built pages: who opens it, what it must never do, and what is measured in it. */

/** The lightest first: the headless shell draws the same pages with about half the work. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']

/**
 * No sandbox of its own (it refuses to run as root with one), no talk with anybody but the page's server, and no process for a graphics card that
 * isn't there.
 */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--in-process-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // the browser's own words, e.g. inside a date field, where its Chinese is installed (Debian: chromium-l10n)
  '--lang=zh-CN',
  '--accept-lang=zh-CN',
]

/** CHROMIUM_PATH, else the first of its usual names on the path. */
export function findChromium(): string | undefined {
  const { CHROMIUM_PATH: named, PATH: path = '' } = process.env
  const usual = ['/usr/bin', ...path.split(delimiter)].flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...(named ? [named] : []), ...usual].find((file) => existsSync(file))
}

/** Tests that need a browser; on a machine without one they skip and say what is missing. */
export function describeInBrowser(name: string, tests: () => void): void {
  const found = findChromium() !== undefined
  if (!found) console.warn(`skipped: ${name}: no Chromium on this machine (${NAMES.join(', ')}, or CHROMIUM_PATH)`)
  const run = found ? describe : describe.skip
  run(name, tests)
}

/** @throws Error when the machine has no Chromium */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error(`no Chromium: install one or name it in CHROMIUM_PATH`)
  return chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, LANGUAGE: 'zh_CN' } })
}

/**
 * What the browser itself writes on its console when a request comes to nothing; of a socket given up before it opened, only
 * a warning. For tests that take the network away.
 */
export const NO_NETWORK =
  /^(?:error|warning): (?:Failed to load resource: net::|WebSocket connection to '[^']*' failed)/

export interface Phone {
  /** a new tab of this person on an address below the server's origin, e.g. `/q/M0001` */
  open(path: string): Promise<Page>
  /** what no page may do: errors on the console or thrown, requests to anybody else. Emptied by reading. */
  faults(): string[]
  offline(is: boolean): Promise<void>
  close(): Promise<void>
}

/** What a busy machine may take over a step of a person's; a page that never comes fails all the same. */
export const PATIENCE_MS = 120_000

/** The telephone the pages were drawn for, at two pixels a CSS pixel. */
export const PHONE_SIZE = { width: 390, height: 844 }

/** One person's telephone: its own storage, so its own payer; `options` make it dark, or a desktop. */
export async function openPhone(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Phone> {
  const context = await browser.newContext({
    viewport: PHONE_SIZE,
    deviceScaleFactor: 2,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    isMobile: true,
    hasTouch: true,
    // What moves is drawn sixty times a second on every page that is open, without a graphics card; h5-look looks at it.
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const faults: string[] = []
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (!/^(data|blob):$/.test(url.protocol) && url.host !== new URL(origin).host) faults.push(`asked ${url}`)
  })
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`${message.type()}: ${message.text()}`)
  })
  context.on('weberror', (thrown) => faults.push(`thrown: ${thrown.error().message}`))
  return {
    async open(path) {
      const page = await context.newPage()
      await page.goto(origin + path)
      return page
    },
    faults: () => faults.splice(0),
    offline: (is) => context.setOffline(is),
    close: () => context.close(),
  }
}

/** Types an amount on the keypad of the pay page, a finger a key. */
export async function tapAmount(page: Page, amount: string): Promise<void> {
  for (const key of amount) await page.getByRole('button', { name: key === '.' ? '点' : key, exact: true }).tap()
}

/** Waits until a person reads exactly these lines in a part of the page; a pattern stands for a line that varies. */
export async function reads(
  page: Page,
  selector: string,
  lines: (string | RegExp)[],
  withinMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + withinMs
  const fits = (line: string, wanted: string | RegExp | undefined) =>
    wanted instanceof RegExp ? wanted.test(line) : wanted === line
  for (;;) {
    // biome-ignore lint/performance/useDomNodeTextContent: as it is laid out, a block a line
    const text = await page.locator(selector).first().innerText({ timeout: withinMs })
    const read = text.split('\n').filter((line) => line !== '')
    if (read.length === lines.length && read.every((line, i) => fits(line, lines[i]))) return
    if (Date.now() > deadline) throw new Error(`${selector} reads ${read.join(' | ')}\nand not ${lines.join(' | ')}`)
    await page.waitForTimeout(50)
  }
}

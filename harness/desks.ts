import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openPhone, type Phone } from './browser'
import { SANDBOX_PASSWORD } from './system'

/** Operators at desks of their own, in a real browser on the console of a running system. */

export const DESKTOP = {
  isMobile: false,
  hasTouch: false,
  viewport: { width: 1280, height: 800 },
  deviceScaleFactor: 1,
}
/** What the browser itself writes when a request is refused on purpose. */
const REFUSED = /^error: Failed to load resource: the server responded with a status of 4\d\d/

export interface Desks {
  /** a desk nobody has logged in at, on an address below `#/console/` */
  open(at: string, options?: BrowserContextOptions): Promise<Page>
  logIn(username: string, at?: string, options?: BrowserContextOptions, password?: string): Promise<Page>
  /** Goes to an address and waits until it is read: by a word of its content. */
  show(page: Page, at: string, word: string | RegExp): Promise<void>
  /** Closes all of them. What no page may have done, e.g. an error on the console. */
  close(): Promise<string[]>
}

export function openDesks(browser: Browser, system: { url(): string }): Desks {
  const desks: Phone[] = []
  async function open(at: string, options: BrowserContextOptions = {}): Promise<Page> {
    const desk = await openPhone(browser, system.url(), { ...DESKTOP, ...options })
    desks.push(desk)
    return desk.open(`/#/console/${at}`)
  }
  return {
    open,
    async logIn(username, at = 'campaigns', options, password = SANDBOX_PASSWORD) {
      const page = await open(at, options)
      await fillLogIn(page, username, password)
      await page.locator('.c-side').waitFor()
      return page
    },
    async show(page, at, word) {
      await page.goto(`${system.url()}/#/console/${at}`)
      await page.locator('main').getByText(word).first().waitFor()
      await page.locator('.c-loading').first().waitFor({ state: 'detached' })
    },
    async close() {
      const faults = desks.flatMap((desk) => desk.faults()).filter((fault) => !REFUSED.test(fault))
      await Promise.all(desks.splice(0).map((desk) => desk.close()))
      return faults
    },
  }
}

export async function fillLogIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('用户名').fill(username)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
}

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

/** Presses a key that asks first, answers it, and waits for that dialog to go; `answer`: the word of the dialog's key, where it is another. */
export async function confirm(page: Page, key: string, note?: string, answer = key): Promise<void> {
  const before = await page.getByRole('dialog').count()
  await page.getByRole('button', { name: key, exact: true }).click()
  const dialog = page.getByRole('dialog').nth(before)
  if (note) await dialog.getByRole('textbox').fill(note)
  await dialog.getByRole('button', { name: answer, exact: true }).click()
  const said = dialog.locator('.c-fault')
  await Promise.race([dialog.waitFor({ state: 'hidden' }), said.waitFor()])
  if (await said.count()) throw new Error(`${key}: ${await said.textContent()}`)
}

/** How many pixels the page is wider than its window. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate(() => {
    const scroller = document.querySelector('.taro_page')!
    return scroller.scrollWidth - scroller.clientWidth
  })
}

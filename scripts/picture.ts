import { mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'

/** Where pictures lie, and how one is taken. */

const PICTURES = resolve(__dirname, '../docs/pictures')
/** A few of them are loaded with the README. */
const MAX_BYTES = 180 * 1024

/** What the screen shows once its letters are there and nothing moves; `css`: a pixel a pixel, for what is looked at for its layout. */
export async function screen(page: Page, file: string, scale: 'css' | 'device'): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(PICTURES, file), animations: 'disabled', caret: 'initial', scale })
  const bytes = statSync(join(PICTURES, file)).size
  if (bytes > MAX_BYTES) throw new Error(`${file} has ${bytes} bytes, more than ${MAX_BYTES}`)
  console.log(`docs/pictures/${file}  ${(bytes / 1024).toFixed(0)} KB`)
}

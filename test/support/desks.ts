import type { Page } from 'playwright-core'
import { textContrasts } from '../../harness/looks'
import { axeFaults } from './axe'

export {
  confirm,
  DESKTOP,
  type Desks,
  fillLogIn,
  heading,
  openDesks,
  overflowPx,
} from '../../harness/desks'

/** Text on its background by WCAG AA. */
const LEAST_CONTRAST = 4.5

/** What of axe is a matter of colour. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/** What axe calls serious or critical, and text that is too faint to read. */
export async function lookFaults(page: Page, rules?: string[]): Promise<string[]> {
  const axe = await axeFaults(page, 'serious', rules)
  const faint = (await textContrasts(page)).filter(({ ratio }) => ratio < LEAST_CONTRAST)
  return [...axe, ...faint.map(({ text, ratio }) => `faint ${text} ${ratio.toFixed(2)}`)]
}

/** …in light and in dark colours: the same page on another paper, so what is no matter of colour is looked at once. */
export async function lookFaultsInBoth(page: Page): Promise<string[]> {
  const light = await lookFaults(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await lookFaults(page, COLOUR_RULES)
  await page.emulateMedia({ colorScheme: 'light' })
  return [...light, ...dark.map((fault) => `dark: ${fault}`)]
}

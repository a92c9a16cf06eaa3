import type { Page } from 'playwright-core'
import { textContrasts } from '../../harness/browser'
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

/** What axe calls serious or critical, and text that is too faint to read. */
export async function lookFaults(page: Page): Promise<string[]> {
  const faint = (await textContrasts(page)).filter(({ ratio }) => ratio < LEAST_CONTRAST)
  return [...(await axeFaults(page, 'serious')), ...faint.map(({ text, ratio }) => `faint ${text} ${ratio.toFixed(2)}`)]
}

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

interface AxeResult {
  violations: { id: string; impact: string; nodes: { html: string }[] }[]
}

interface Axe {
  run(options: { resultTypes: string[]; runOnly?: string[] }): Promise<AxeResult>
}

/** With nothing to hand back: its own value is axe itself with all its rules, which takes the browser a second to write down. */
const AXE = `${readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')};undefined`

/** Waits until what comes in has come: half faded in it is half as dark, and half way it lies over something else. */
export async function still(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
        .map(({ finished }) => finished.catch(() => {})),
    ),
  )
}

/** What axe calls as grave as that or graver, each with its first element; `rules`: those alone, where the rest was looked at. */
export async function axeFaults(page: Page, least: 'moderate' | 'serious', rules?: string[]): Promise<string[]> {
  await still(page)
  // Half a megabyte to read: a page that has it keeps it until it is loaded again.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  // It describes every element of what it is asked for, and what passes is most of the page.
  const { violations } = await page.evaluate(
    (which) => (window as unknown as { axe: Axe }).axe.run({ resultTypes: ['violations'], ...which }),
    rules ? { runOnly: rules } : {},
  )
  const grave = ['critical', 'serious', ...(least === 'moderate' ? ['moderate'] : [])]
  return violations
    .filter(({ impact }) => grave.includes(impact))
    .map(({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html.slice(0, 160)}`)
}

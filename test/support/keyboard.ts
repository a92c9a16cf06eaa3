import type { Page } from 'playwright-core'

/** Goes on with Tab to the control of this name, as somebody without a pointer does. @throws Error when no Tab leads there */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const { activeElement: one } = document
      return one?.getAttribute('aria-label') ?? one?.textContent ?? ''
    })
    if (name instanceof RegExp ? name.test(at) : name === at) return
  }
  throw new Error(`no Tab leads to ${name}`)
}

import type { Page } from 'playwright-core'
import { tabTo } from './keyboard'

/** On a merchant's page with one order: its refund of 10.00, up to the second look. */
export async function askByTouch(page: Page): Promise<void> {
  const tap = (name: string) => page.getByRole('button', { name, exact: true }).tap()
  await page.locator('.order').tap()
  await tap('退款')
  await page.getByLabel('退款金额，元').fill('10')
  await tap('顾客取消')
  await tap('下一步')
}

/** The same without a pointer. */
export async function askByKeyboard(page: Page): Promise<void> {
  const press = async (name: string | RegExp) => {
    await tabTo(page, name)
    await page.keyboard.press('Enter')
  }
  await page.locator('.order').waitFor()
  await press(/单号/)
  await page.locator('.facts').waitFor()
  await press('退款')
  await tabTo(page, '退款金额，元')
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('10')
  await press('顾客取消')
  await press('下一步')
}

/** Puts the second look away, looks again from where they were before it opened, and confirms. */
export async function confirmByKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('.sheet').waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await page.locator('.sheet').waitFor()
  await tabTo(page, '确认退款')
  await page.keyboard.press('Enter')
}

import type { Page } from 'playwright-core'
import { authenticator } from '../authenticator'
import { type Desks, fillLogIn, heading } from '../desks'
import type { PilotHouse } from './house'

/** The people of a pilot's house, from the command that adds the first two on. */

export interface Person {
  username: string
  name: string
  /** their own, which nobody gave them */
  password: string
  /** as the form of operators names it */
  role: '管理员' | '经办' | '复核'
}

/** Somebody at work. */
export interface Worker extends Person {
  page: Page
  /** what their telephone shows then; null: nobody asks */
  code: ((now: number) => string) | null
}

/** A picture of what is seen now. */
export type See = (page: Page, name: string) => Promise<void>

const ADMINS: readonly Person[] = [
  { username: 'wang.root', name: '王主任', password: 'seven kites over harbour', role: '管理员' },
  { username: 'li.root', name: '李主任', password: 'copper ladle late snow', role: '管理员' },
]
const MAKER: Person = { username: 'zhou.ning', name: '周宁', password: 'plum umbrella 41 ferry', role: '经办' }
const REVIEWER: Person = { username: 'wu.min', name: '吴敏', password: 'quiet lantern 58 bamboo', role: '复核' }

/** An entry of the navigation, whatever waits in it. */
export const section = (page: Page, name: string) =>
  page
    .getByRole('navigation', { name: '主导航' })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click()

export const row = (page: Page, name: RegExp) => page.getByRole('row', { name })

/** Two administrators by the command line, then through the console, by both of them, the two who run the pilot. */
export async function letPeopleIn(house: PilotHouse, desks: Desks, see: See) {
  const [first, second] = await Promise.all(
    ADMINS.map(async (person) => {
      const told = await house.fapai('operator', '--username', person.username, '--name', person.name)
      return firstLogIn(await desks.open('operators'), person, /: (\S+)\n/.exec(told)![1]!)
    }),
  )
  const halves: string[] = []
  await heading(first!.page, '操作员')
  for (const person of [MAKER, REVIEWER]) halves.push(await askForOperator(first!.page, person))
  await section(second!.page, '待复核')
  const approved: string[] = []
  for (const { username } of [MAKER, REVIEWER]) {
    const card = second!.page.getByRole('region', { name: new RegExp(username) })
    await card.getByRole('button', { name: '通过', exact: true }).click()
    await second!.page.getByRole('dialog').getByRole('button', { name: '通过', exact: true }).click()
    approved.push(await half(second!.page))
    await card.waitFor({ state: 'detached' })
  }
  const oneTime = halves.map((one, i) => `${one}-${approved[i]}`)
  const maker = await firstLogIn(await desks.open(''), MAKER, oneTime[0]!)
  const reviewer = await firstLogIn(await desks.open('reviews'), REVIEWER, oneTime[1]!, see)
  return { maker, reviewer }
}

/** With a password that somebody else gave: their own instead, and whoever approves sets up a second factor. */
async function firstLogIn(page: Page, person: Person, oneTime: string, see?: See): Promise<Worker> {
  await fillLogIn(page, person.username, oneTime)
  await heading(page, '先修改密码')
  await page.getByLabel('现在的密码').fill(oneTime)
  await page.getByLabel('新密码', { exact: true }).fill(person.password)
  await page.getByLabel('再输一次新密码').fill(person.password)
  await page.getByRole('button', { name: '修改密码' }).click()
  await changed(page, person)
  const code = person.role === '经办' ? null : await secondFactor(page, see)
  await page.locator('.c-side').waitFor()
  return { ...person, page, code }
}

/**
 * How soon a password is guessed is computed by a thread that gives way to payments: on a busy machine the page may give up waiting. Whoever
 * then presses again has it changed, or is told to log in since it was.
 */
async function changed(page: Page, { username, password }: Person): Promise<void> {
  const before = page.getByRole('heading', { level: 1, name: '先修改密码' })
  const late = page.getByText('等了太久没有回应')
  for (;;) {
    await Promise.race([before.waitFor({ state: 'detached' }), late.waitFor()])
    if ((await before.count()) === 0) break
    await page.getByRole('button', { name: '修改密码' }).click()
    await late.waitFor({ state: 'detached' })
  }
  if (await page.getByLabel('用户名').isVisible()) await fillLogIn(page, username, password)
}

async function secondFactor(page: Page, see?: See) {
  await heading(page, '设置两步验证')
  await page.getByRole('button', { name: '装好了，下一步' }).click()
  await page.getByRole('img', { name: '验证器要扫的二维码' }).waitFor()
  await see?.(page, 'second-factor')
  await page.getByText('扫不了？手动输入密钥').click()
  const secret = (await page.locator('.c-secret__text').textContent())!
  const code = authenticator(secret.replaceAll(' ', ''))
  await page.getByLabel('验证码', { exact: true }).fill(code(Date.now()))
  await page.getByRole('button', { name: '启用' }).click()
  await page.getByRole('button', { name: '已保存，继续' }).click()
  return code
}

/** The same people at new desks, whose own clocks are behind by so much. */
export async function logInAgain(desks: Desks, worker: Worker, at: string, behindMs: number): Promise<Worker> {
  const page = await desks.open(at)
  await fillLogIn(page, worker.username, worker.password)
  if (worker.code) {
    await page.getByLabel('验证码', { exact: true }).fill(worker.code(Date.now() + behindMs))
    await page.getByRole('button', { name: '登录' }).click()
  }
  await page.locator('.c-side').waitFor()
  return { ...worker, page }
}

async function askForOperator(page: Page, { username, name, role }: Person): Promise<string> {
  await page.getByRole('button', { name: '新建操作员' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('用户名').fill(username)
  await form.getByLabel('姓名').fill(name)
  await form.getByLabel(new RegExp(`^${role}`)).check()
  await form.getByRole('button', { name: '提交复核' }).click()
  return half(page)
}

/** What is told once, to be told on. */
async function half(page: Page): Promise<string> {
  const told = (await page.locator('.c-once').textContent())!.trim()
  await page.getByRole('button', { name: '已记下，关闭' }).click()
  return told
}

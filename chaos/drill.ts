import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client as Pg } from 'pg'
import { eventually, type TestSystem } from '../harness/system'
import { TYPESCRIPT } from '../harness/typescript'
import type { SqlOptions } from '../server/store/sql/open-sql'
import { clientOf, type Door, listen, logIn, merchantToken, type Paid, payEvery, REST_S } from './paying'

/** What drills have in common: people who pay meanwhile, what the books say afterwards, and the house's own tools. */

export const nothing = (): Paid => ({ paid: 0, failed: [], tookMs: [], discounted: 0, orderNos: [] })

/** People who come again and again, and one merchant's page that stays open through all of it. */
export async function crowdAt(door: Door, rate: number) {
  const client = clientOf(door)
  const page = listen(door, await merchantToken(client))
  await page.ready()
  const payers = await Promise.all(Array.from({ length: rate * REST_S }, (_, i) => logIn(client, `restored-${i}`)))
  return {
    /** After a loss the feed goes on from where the page is back, and tells nothing from before: it is to be there before anybody pays. */
    async pay(rate: number) {
      await page.ready()
      const result = nothing()
      return Object.assign(result, { stop: payEvery(1_000 / rate, client, payers, result, page).stop })
    },
    async heard() {
      await page.heardAll()
      const { paid, heard, repeats } = page.figures()
      return { of: paid, heard, repeats }
    },
    repeated: page.repeated,
    async leave() {
      page.close()
      await client.close()
    },
  }
}

/** Until so many more were paid, or somebody wasn't. */
export async function more({ orderNos, failed }: Paid, count: number): Promise<void> {
  const enough = orderNos.length + count
  await eventually(async () => (orderNos.length >= enough || failed.length > 0 ? true : undefined))
}

export async function asked<T>(at: SqlOptions, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new Pg(at as never)
  await client.connect()
  return client
    .query(text, values)
    .then(({ rows }) => rows as T[])
    .finally(() => client.end())
}

export async function knownAsPaid(at: SqlOptions, orderNos: readonly string[]): Promise<Set<string>> {
  const text = `select order_no as "orderNo" from orders where state = 'paid' and order_no = any($1)`
  return new Set((await asked<{ orderNo: string }>(at, text, [orderNos])).map(({ orderNo }) => orderNo))
}

export async function count(at: SqlOptions, which: string): Promise<number> {
  return (await asked<{ n: number }>(at, `select count(*)::int as n from orders where ${which}`))[0]!.n
}

/** A tool of the house on these stores. */
export const tool = (system: TestSystem, stores: NodeJS.ProcessEnv, name: string, ...args: string[]) =>
  toolOf(HERE, system, stores, name, ...args)

const HERE = join(__dirname, '..')

/** The same of another version, whose sources lie in `folder`. */
export async function toolOf(
  folder: string,
  system: Pick<TestSystem, 'dataDir'>,
  stores: NodeJS.ProcessEnv,
  name: string,
  ...args: string[]
) {
  const env = { ...process.env, ...TYPESCRIPT, NODE_ENV: 'test', DATA_DIR: system.dataDir, ...stores }
  const run = promisify(execFile)(process.execPath, [join(folder, `scripts/${name}.ts`), ...args], { env })
  return run.then(
    ({ stdout, stderr }) => ({ clean: true, text: `${stdout}${stderr}`.trim() }),
    ({ stdout = '', stderr = '' }) => ({ clean: false, text: `${stdout}${stderr}`.trim() }),
  )
}

export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

import { freePort } from '../harness/free-port'
import { LIFTED } from '../harness/lifted'
import { databaseUrl, postgresMissing, startOwnPostgres } from '../harness/sql'
import { PATIENT, SANDBOX_PASSWORD, startTestSystem, type TestSystem } from '../harness/system'
import type { Merchant } from '../server/flow/ports'
import * as street from '../server/sandbox/food-street'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'
import { seedFoodStreet } from '../server/store/sql/seed'
import type { Address } from './attack'

/** A house of the siege's own, on this machine alone, with the limits of production. */
export interface House {
  system: TestSystem
  storage: string
  address: Address
  /** where probes and metrics are */
  operations: Address
  /** where honest payers pay, and where they and hoarders meet: nobody has drawn a card there yet */
  merchants: { honest: readonly string[]; small: readonly string[]; large: readonly string[] }
  password: string
  /** what the tools of the command line need to know of its stores */
  environment: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/** Cards for as many payments as twenty payers make in a minute; there is no second card of a card. */
const HONEST_MERCHANTS_A_MINUTE = 100
/** For each second of hoarding: else those who pay would leave too few cards to hoard at an attack's end. Twenty in five seconds. */
const HOARDED_MERCHANTS_A_SECOND = 4

/** What is empty has its default. */
const asByDefault = (names: object) => Object.fromEntries(Object.keys(names).map((name) => [name, '']))
/** Limits are on, of requests, of an address's connections and of cards held, which the harness lifts for tests of other things. */
const AS_IN_PRODUCTION = { RATE_LIMITS: 'on', SOCKETS_PER_ADDRESS: '', ...asByDefault(LIFTED) }
/** So are the deadlines that it makes patient, and how late the event loop may be. */
const PUNCTUAL = asByDefault(PATIENT)

interface Plan {
  /** so long people pay, and so long a flock of hoarders is the only attack */
  minutes: number
  hoardedS?: number
  /** with the deadlines of production too, which a machine that does other work as well can't keep */
  timed: boolean
  /** what else the BFF is told */
  told?: NodeJS.ProcessEnv
}

/**
 * On PostgreSQL where it is installed, else on the embedded ledger, which holds the street's twenty merchants alone.
 */
export async function startHouse({ minutes, hoardedS = 0, timed, told = {} }: Plan): Promise<House> {
  const missing = postgresMissing()
  const operations = await freePort()
  const postgres = missing === undefined ? await startOwnPostgres() : undefined
  const codes = codesOf(missing === undefined, minutes, hoardedS)
  const stores: NodeJS.ProcessEnv = {}
  try {
    if (postgres) {
      const sql = await postgres.fresh()
      const merchants = [...street.merchants, ...Object.values(codes).flat().map(merchant)]
      const campaign = { ...street.campaign(Date.now()), budgetFen: 1_000_000_000 }
      for (let i = 0; i < merchants.length; i += 500)
        await seedFoodStreet(sql, { merchants: merchants.slice(i, i + 500), campaigns: [campaign] })
      stores.DATABASE_URL = databaseUrl(postgres.connection())
    }
    const own = { ...(timed && PUNCTUAL), ...AS_IN_PRODUCTION, OPS_PORT: String(operations), ...stores, ...told }
    const system = await startTestSystem(own)
    const { hostname: host, port } = new URL(system.url())
    return {
      system,
      storage: missing ?? `PostgreSQL, ${await versionOf(postgres!.connection())}`,
      address: { host, port: Number(port) },
      operations: await listening(host, operations, Number(port)),
      merchants: codes,
      password: SANDBOX_PASSWORD,
      environment: { ...stores, DATA_DIR: system.dataDir },
      async stop() {
        await system.stop()
        await postgres?.stop()
      },
    }
  } catch (error) {
    await postgres?.stop()
    throw error
  }
}

function codesOf(many: boolean, minutes: number, hoardedS: number): House['merchants'] {
  const own = street.merchants.map(({ merchantCode }) => merchantCode)
  if (!many) return { honest: own, small: own, large: own }
  const list = (letter: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${letter}${String(i + 1).padStart(5, '0')}`)
  const hoarded = HOARDED_MERCHANTS_A_SECOND * Math.max(5, hoardedS)
  const honest = list('N', Math.ceil(HONEST_MERCHANTS_A_MINUTE * (minutes + 1)))
  return { honest, small: list('H', hoarded), large: list('I', hoarded) }
}

function merchant(merchantCode: string): Merchant {
  return { ...street.merchants[0]!, merchantCode, name: `商户 ${merchantCode}`, account: `acct-${merchantCode}` }
}

async function versionOf(connection: SqlOptions): Promise<string> {
  const sql = openSql({ ...connection, max: 1 })
  try {
    return (await sql.pool.query<{ server_version: string }>('show server_version')).rows[0]!.server_version
  } finally {
    await sql.close()
  }
}

/** The operations' port, or the payers' where this house has none of its own. */
async function listening(host: string, own: number, payers: number): Promise<Address> {
  const there = await fetch(`http://${host}:${own}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )
  return { host, port: there ? own : payers }
}

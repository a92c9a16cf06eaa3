import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BANK_MAIN } from '../../harness/bank'
import { movedClock } from '../../harness/clock-of'
import { freePort } from '../../harness/free-port'
import { workIn } from '../../harness/ledger'
import { hasRedisServer, startTestRedis } from '../../harness/redis'
import { databaseUrl, postgresMissing, startOwnPostgres } from '../../harness/sql'
import { PATIENT } from '../../harness/system'
import { HELP } from '../../scripts/help'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { addDays, businessDate } from '../../server/domain/business-date'
import type { DeckView } from '../../server/http/contract'
import { forkChild } from '../../server/sandbox/children'
import * as street from '../../server/sandbox/food-street'
import { archiveName } from '../../server/store/archive-file'
import { seedFoodStreet } from '../../server/store/sql/seed'
import { fewOrders, LATER, NEXT_DAY } from '../store/sql/archive/long-over'
import { DATE } from '../store/sql/payment/ledger-orders'
import { productionFiles } from '../support/production'
import { type Shipped, ship } from '../support/shipped'

const missing = postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: the tools as shipped (no redis-server)')
if (missing) console.warn(missing)

/** Business dates of the house: whatever the day of the test, it is forty days after the orders that it has. */
const TODAY = businessDate(LATER)
const YESTERDAY = addDays(TODAY, -1)
/** The first that is in no statement yet. */
const NOT_YET = addDays(DATE, 4)
const DAY_MS = 86_400_000
const APP = 'tools_app'
const CAMPAIGN = 'food-street'

/** Every command of `fapai`, from the folder that is shipped: neither TypeScript, nor a loader of it, nor any package of ours for development. */
;(missing ? describe.skip : describe)('the tools as they are shipped', () => {
  let shipped: Shipped
  let house: Awaited<ReturnType<typeof openHouse>>
  const shift = LATER - Date.now()
  beforeAll(async () => {
    shipped = ship()
    house = await openHouse()
  })
  afterAll(async () => {
    await house?.stop()
    shipped?.remove()
  })

  /** Stores, a bank, and the environment of a BFF of theirs. */
  async function openHouse() {
    const files = productionFiles()
    const postgres = await startOwnPostgres()
    await (await postgres.fresh()).pool.query('create database tools')
    const owner = { ...postgres.connection(), database: 'tools' }
    await workIn(owner, (sql) => sql.pool.query(`create role ${APP} login`))
    const redis = await startTestRedis('redis-server')
    const keys = generateBankKeys()
    const bank = await forkChild<{ port: number }>(BANK_MAIN, [], {
      // It is asked for days that are over, by its clock.
      env: movedClock(shift),
      stderr: 'inherit',
      secret: {
        ...{ production: false, port: 0, dataDir: join(files.dir, 'bank'), adminToken: 'tools-admin-token' },
        ...{ client: { keyId: 'k', publicKey: keys.client.publicKey }, privateKey: keys.bank.privateKey },
      },
    })
    const owners = { DATABASE_URL_FILE: files.secret('owner', databaseUrl(owner)) }
    return {
      files,
      owner,
      owners,
      env: {
        ...PATIENT,
        ...{ NODE_ENV: 'test', LOG_LEVEL: 'warn', DATA_DIR: join(files.dir, 'data'), CLOCK_SHIFT_MS: String(shift) },
        ...{ DEAL_AHEAD: 'off', RECONCILE_AT: 'off', PORT: '0' },
        DATABASE_URL_FILE: files.secret('app', databaseUrl({ ...owner, user: APP })),
        REDIS_URL_FILE: files.secret('redis', redis.url),
        MASTER_KEY_FILE: files.secret('master', '07'.repeat(32)),
        ...{ BANK_URL: `http://127.0.0.1:${bank.said.port}`, BANK_KEY_ID: 'k', BANK_PUBLIC_KEY: keys.bank.publicKey },
        BANK_PRIVATE_KEY_FILE: files.secret('bank-key', keys.client.privateKey),
      } as NodeJS.ProcessEnv,
      async stop() {
        await Promise.all([bank.stop(), redis.stop(), postgres.stop()])
      },
    }
  }

  const fapai = (words: string, more: NodeJS.ProcessEnv = {}) =>
    shipped.run(words.split(' ').filter(Boolean), { ...house.env, ...more })
  /** Its output, once it came to its end with nothing to complain of. */
  async function done(words: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, stderr } = await fapai(words, more)
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
    return stdout
  }

  it('have no package for development in reach', () => {
    const { resolve } = createRequire(shipped.program)
    expect(resolve('koa')).toBe(join(shipped.folder, 'node_modules/koa/lib/application.js'))
    for (const name of ['tsx', 'typescript', 'jest', '@swc/core', '@electric-sql/pglite'])
      expect(() => resolve(name)).toThrow('Cannot find module')
    expect(existsSync(join(shipped.folder, 'server'))).toBe(false)
  })

  it('say what there is, and of each what it is for', async () => {
    const told = await done('--help')
    const helps = await Promise.all(
      Object.keys(HELP).map(async (name) => [name, await done(`${name} --help`)] as const),
    )
    for (const [name, help] of helps) {
      expect(told).toContain(`\n  ${name} `)
      expect(help).toMatch(new RegExp(`^usage: fapai ${name}( |\\n)`))
    }
  })

  it('migrate: an empty database to this version’s schema, and a role of BFFs', async () => {
    const { code, stdout, stderr } = await fapai(`migrate --contract --grant ${APP}`, house.owners)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^The schema is this version’s: \d{2,} migrations were applied\.\ntools_app may read and write it, and change nothing of it\.\n$/,
      ),
    })
    // Each step by its name, and how long it took.
    expect(stderr.split('\n').filter((line) => !/^\S+ {2}\d+\.\d s$/.test(line))).toEqual([''])
    expect(await done('migrate', house.owners)).toBe('The schema is this version’s: 0 migrations were applied.\n')
  })

  it('operator: two administrators and no third', async () => {
    for (const [username, name] of [
      ['root', '王工'],
      ['root2', '李工'],
    ])
      expect(await done(`operator --username ${username} --name ${name}`)).toContain(username)
    expect(await fapai('operator --username root3 --name 张工')).toMatchObject({ code: 2, stdout: '' })
  })

  it('deal: the decks of the day, into ledger and Redis', async () => {
    await workIn(house.owner, async (sql) => {
      await fewOrders(sql)
      const campaigns = [{ ...street.campaign(LATER), createdAt: LATER - DAY_MS }]
      await seedFoodStreet(sql, { merchants: street.merchants, campaigns })
    })
    expect(await done('deal')).toMatch(
      new RegExp(`^Dealt 20 decks of ${TODAY}, .* a second\\.\\n20 decks of ${TODAY} are in Redis\\.\\n$`),
    )
  })

  it('reconcile: a day by the bank’s statement, with its reports', async () => {
    const out = join(house.files.dir, 'reports')
    const { code, stdout, stderr } = await fapai(`reconcile --date ${NOT_YET} --out ${out}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`reconciliation-${NOT_YET}.md\n`) })
    expect(stdout).toContain(NOT_YET)
    expect(readdirSync(out).sort()).toEqual(['csv', 'md'].map((ending) => `reconciliation-${NOT_YET}.${ending}`))
    expect(readdirSync(join(house.files.dir, 'data', 'statements'))).toHaveLength(1)
  })

  it('recount and prune: counts, papers, books and statement lines', async () => {
    const counts = () =>
      workIn(house.owner, (sql) => sql.pool.query('select sum(orders)::int as orders from day_totals'))
    await workIn(house.owner, (sql) => sql.pool.query('update day_totals set orders = 9'))
    expect(await done('recount')).toBe('Counted 2 days anew: 2 counts.\n')
    expect((await counts()).rows).toEqual([{ orders: 4 }])
    expect(await done('prune --pack --books')).toMatch(
      /\nPacked events and postings of 0 orders, of days that are sealed\.\nPacked 0 lines of statements that are reconciled\.\n$/,
    )
  })

  it('audit: all of it, for people and for programs, sealed by the way', async () => {
    // Of its own, as the nightly audit has it: no BFF ever ran there.
    const own = { DATA_DIR: join(house.files.dir, 'auditor') }
    const { code, stdout, stderr } = await fapai('audit --seal', own)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Looked at .*, 4 orders, .*\n.*/) })
    expect(stderr).toContain(`Sealed ${DATE}: link `)
    const seals = join(own.DATA_DIR, 'seals.jsonl')
    const { violations, looked } = JSON.parse(await done(`audit --json --seals ${seals}`))
    expect({ violations, looked }).toMatchObject({ violations: [], looked: { orders: 4, decks: 20 } })
  })

  it('archive: days that are long over, audited from their files, and the role of BFFs may not', async () => {
    const to = join(house.files.dir, 'archive')
    mkdirSync(to)
    const words = `archive --before ${addDays(NEXT_DAY, 1)} --to ${to}`
    expect(await fapai(words)).toMatchObject({ code: 2, stdout: '' })
    expect(await done(words, house.owners)).toMatch(/\nArchived 2 days\.\n$/)
    expect(readdirSync(to).sort()).toEqual([DATE, NEXT_DAY].map(archiveName))
    expect(await done(`audit --archives ${to}`)).toMatch(/\nNothing differs\.\n$/)
  })

  it('start and verify-deck: a deck whose day is over, from what a BFF publishes of it', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const child = spawn(shipped.program, ['start'], {
      cwd: shipped.folder,
      // Two days later; a bank of today would say that the clocks disagree.
      env: {
        ...{ PATH: process.env.PATH, ...house.env, LOG_LEVEL: 'info', BANK_URL: nobody },
        CLOCK_SHIFT_MS: String(shift + 2 * DAY_MS),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(child, 'exit')
    try {
      const url = await listening(child.stderr)
      const words = `verify-deck --url ${url} --campaign ${CAMPAIGN} --merchant M0001`
      expect(await fapai(`${words} --date ${YESTERDAY}`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('answers 404'),
      })
      const deck = (await (await fetch(`${url}/api/decks/${CAMPAIGN}/M0001/${TODAY}`)).json()) as DeckView
      expect(deck.seed).toMatch(/^[0-9a-f]{64}$/)
      expect(await done(`${words} --date ${TODAY}`)).toMatch(/\nThe deck holds\.\n$/)
      const file = house.files.secret('deck.json', JSON.stringify({ ...deck, commitment: `v2.${'0'.repeat(64)}` }))
      expect(await fapai(`verify-deck --file ${file}`)).toMatchObject({ code: 1, stderr: '' })
    } finally {
      child.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  })

  it('that can’t do it say so in words, and by their exit code', async () => {
    const away = house.files.secret('away', `postgres://u:p@127.0.0.1:${await freePort()}/none`)
    const none = house.files.secret('none', databaseUrl({ ...house.owner, database: 'none' }))
    const folder = house.files.dir
    const cases: [words: string, says: RegExp, more?: NodeJS.ProcessEnv][] = [
      ['sing', /^there is no command sing; fapai --help lists them$/],
      ['deal --dato 2026-11-20', /^Unknown option '--dato'$/],
      ['start now', /^fapai start takes no options/],
      ['operator', /^usage: fapai operator/],
      ['archive', /^usage: fapai archive/],
      ['verify-deck', /^say --campaign and --merchant, or --file$/],
      ['prune --days', /^Option '--days <value>' argument missing$/],
      ['audit', /^the configuration has faults:\n {2}MASTER_KEY_FILE: /, { MASTER_KEY_FILE: join(folder, 'nothing') }],
      ['migrate', /^the database refuses us: database "none" does not exist$/, { DATABASE_URL_FILE: none }],
      ...['deal', 'reconcile', 'audit', 'recount', 'prune', 'operator --username a --name 王'].map(
        (words) => [words, /cannot be reached/, { DATABASE_URL_FILE: away }] as [string, RegExp, NodeJS.ProcessEnv],
      ),
      [`archive --before ${DATE} --to ${folder}`, /cannot be reached/, { DATABASE_URL_FILE: away }],
    ]
    const FEW = 4
    for (let at = 0; at < cases.length; at += FEW) await Promise.all(cases.slice(at, at + FEW).map(ends))

    async function ends([words, says, more]: (typeof cases)[number]): Promise<void> {
      const { code, stdout, stderr } = await fapai(words, more)
      const said = { words, code: 2, stdout: '', stderr: expect.stringMatching(says) }
      expect({ words, code, stdout, stderr: stderr.trim() }).toEqual(said)
      expect(stderr).not.toMatch(/^ {4}at |node:internal/m)
    }
  })
})

/** Where a process says that it listens. @throws with what it said when it ends before */
async function listening(stderr: NodeJS.ReadableStream): Promise<string> {
  const said: string[] = []
  for await (const line of createInterface(stderr)) {
    said.push(line)
    const { url } = line.startsWith('{') ? JSON.parse(line) : ({} as { url?: string })
    if (url) return url
  }
  throw new Error(said.join('\n'))
}

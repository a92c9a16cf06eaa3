import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { startOneSql, type TestSql } from '../harness/sql'
import { readSources } from './support/tidy-source'

/** What pages of the documentation name between backquotes is there. Decisions and the changelog tell of their own time. */

const ROOT = join(__dirname, '..')
const sources = readSources(ROOT)
const PAGE = /^(docs\/)?[^/]+\.md$/
const pages = sources.filter(({ path }) => PAGE.test(path) && path !== 'CHANGELOG.md')

/** What stands between backquotes; blocks of code are examples. */
function quoted(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, words]) => words!)
}

const folders = new Set(sources.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])))
const files = new Set(sources.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))
/** From where a page may begin a path. */
const ROOMS = ['', 'server', 'src', 'test', 'deploy/kubernetes']
const A_PATH = /(?<![\w./<>{…-])(?:[\w.-]+\/)+[\w.@-]*\w/g
const A_FILE = /(?<![\w/.<>{…*-])[\w-]+\.(?:ts|tsx|lua|cjs|mjs)\b/g
const CODE = /\.(ts|tsx|lua|cjs|mjs|md|yaml)$/

/** Paths and files that a page names and nobody finds. */
function lostFiles(text: string): string[] {
  return quoted(text).flatMap((words) => {
    const paths = (words.match(A_PATH) ?? []).filter((path) => folders.has(path.split('/')[0]!) || CODE.test(path))
    return [
      ...paths.filter((path) => !ROOMS.some((room) => existsSync(join(ROOT, room, path)))),
      ...(words.match(A_FILE) ?? []).filter((file) => !files.has(file)),
    ]
  })
}

const A_NAME = /(?<![\w.-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w-])/g
const CALLED = /\b(?:index|indexes|table|tables|view|views|trigger|triggers) `([a-z][a-z0-9_]*)`/g
/** Words of nginx, of the key service and of a cluster's own metrics, and months of orders, which are made as they come. */
const OTHERS = /^(keepalive_timeout|min_decryption_version|kube_\w+|orders_(\d{6}|first))$/

/** Names as of tables and columns that neither the database has nor a source of today, and what is called a part of it that it hasn't. */
function lostNames(text: string, database: ReadonlySet<string>, code: ReadonlySet<string>): string[] {
  const named = quoted(text).flatMap((words) => words.match(A_NAME) ?? [])
  const called = [...text.matchAll(CALLED)].map(([, name]) => name!)
  return [
    ...named.filter((name) => !database.has(name) && !code.has(name) && !OTHERS.test(name)),
    ...called.filter((name) => !database.has(name)),
  ]
}

/** Steps of the schema hold all names that there ever were. */
const isOfToday = ({ path }: { path: string }) => !/^(test|docs)\/|\.md$|\/migrations\//.test(path)

const NAMES = `
  select relname::text as name from pg_class union select attname from pg_attribute union select proname from pg_proc
  union select conname from pg_constraint union select tgname from pg_trigger union select name from pg_settings`

describe('what the pages name', () => {
  let engine: TestSql
  const database = new Set<string>()
  const code = new Set(sources.filter(isOfToday).flatMap(({ text }) => text.match(A_NAME) ?? []))
  beforeAll(async () => {
    engine = await startOneSql()
    const sql = await engine.fresh()
    const { rows } = await sql.db.executeQuery<{ name: string }>(CompiledQuery.raw(NAMES))
    for (const { name } of rows) database.add(name)
  })
  afterAll(() => engine?.stop())

  it('are files that are there', () => {
    expect(pages.length).toBeGreaterThan(15)
    expect(pages.flatMap(({ path, text }) => lostFiles(text).map((name) => `${path}: ${name}`))).toEqual([])
  })

  it.each([
    ['in `flow/crash-point.ts`', ['flow/crash-point.ts']],
    ['`server/flow/none/` and `none.lua`', ['server/flow/none', 'none.lua']],
    ['in `flow/payment/crash-point.ts`, `server/flow/`, `live.ts`, `/api/orders` and `dist/none/a`', []],
    ['```\nserver/none\n```\n', []],
  ])('are found out where they aren’t: %j', (text, lost) => {
    expect(lostFiles(text)).toEqual(lost)
  })

  it('are tables, indexes, columns and functions of the database, or of the sources', () => {
    expect(database.has('taken_cards')).toBe(true)
    const found = pages.flatMap(({ path, text }) => lostNames(text, database, code).map((name) => `${path}: ${name}`))
    expect(found).toEqual([])
  })

  it.each([
    ['by the partial unique index `orders_slot`', ['orders_slot']],
    ['by `orders_due_of_channel`', ['orders_due_of_channel']],
    ['the table `taken_cards`, which refuses as `orders_slot`; `fapai_alarms_total`', []],
  ])('are found out where they are gone: %j', (text, lost) => {
    expect(lostNames(text, database, code)).toEqual(lost)
  })
})

describe('the architecture', () => {
  it('lists every invariant once, in order', () => {
    const { text } = pages.find(({ path }) => path === 'docs/ARCHITECTURE.md')!
    const listed = [...text.matchAll(/^- \*\*I(\d+) /gm)].map(([, number]) => Number(number))
    expect(listed).toEqual(Array.from({ length: 14 }, (_, i) => i + 1))
  })
})

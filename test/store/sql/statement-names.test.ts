import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { startTestPglite, type TestSql } from '../../../harness/sql'
import { openSql } from '../../../server/store/sql/open-sql'
import { SharedName } from '../../../server/store/sql/statement-names'
import { readSources } from '../../support/tidy-source'

/**
 * A statement's name is of one text. Which two come to one connection is chance, so it is looked at twice: in the sources, all names at once, and
 * where statements are run, the names that are made of what only a ledger knows.
 */

/** A name as it stands in the source; `…` for each part that isn't known there. */
interface Named {
  at: string
  name: string
}
const PART = '…'

interface Node {
  type: string
  value?: unknown
  span?: { start: number }
  [key: string]: unknown
}

/** Every object with a name and a text; those whose name isn't written where it is, as `faults`. */
function namesIn(path: string, source: string): { names: Named[]; faults: string[] } {
  const found: { names: Named[]; faults: string[] } = { names: [], faults: [] }
  const walk = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return
    const { type, properties } = node as Node & { properties?: Node[] }
    if (type === 'ObjectExpression' && properties) look(properties)
    for (const inner of Object.values(node)) walk(inner)
  }
  const look = (properties: Node[]) => {
    const of = (key: string) => properties.find((one) => keyOf(one) === key)
    const [name, text] = [of('name'), of('text')]
    if (!text || (!name && !properties.some(isSpread))) return
    if (!name) return void found.faults.push(`${path}: a statement that has its name from another`)
    const said = saidBy(name.type === 'KeyValueProperty' ? (name.value as Node) : name)
    if (said === undefined) found.faults.push(`${path}: a statement whose name isn’t written where its text is`)
    else found.names.push({ at: path, name: said })
  }
  walk(parseSync(source, { syntax: 'typescript' }).body)
  return found
}

/** Of what has a name already. */
const isSpread = ({ type, arguments: of }: Node) => type === 'SpreadElement' && (of as Node).type === 'Identifier'

/** Of `name: …`, and of `name` alone. */
const keyOf = (property: Node): unknown =>
  property.type === 'KeyValueProperty' ? (property.key as Node).value : property.value

function saidBy(node: Node): string | undefined {
  if (node.type === 'StringLiteral') return node.value as string
  if (node.type !== 'TemplateLiteral') return undefined
  return (node.quasis as { cooked: string }[]).map(({ cooked }) => cooked).join(PART)
}

/** Whether some value of the parts makes one name of two; of two with parts, whether what is fixed at both ends leaves room for it. */
function meet(one: string, other: string): boolean {
  const [head, tail] = [one.split(PART)[0]!, one.split(PART).at(-1)!]
  const [otherHead, otherTail] = [other.split(PART)[0]!, other.split(PART).at(-1)!]
  if (!one.includes(PART)) return other.includes(PART) ? meet(other, one) : one === other
  if (!other.includes(PART))
    return other.length >= head.length + tail.length && other.startsWith(head) && other.endsWith(tail)
  const heads = head.startsWith(otherHead) || otherHead.startsWith(head)
  return heads && (tail.endsWith(otherTail) || otherTail.endsWith(tail))
}

function clashes(names: readonly Named[]): string[] {
  return names.flatMap((one, i) =>
    names
      .slice(i + 1)
      .flatMap((other) =>
        meet(one.name, other.name) ? [`${one.name} (${one.at}) and ${other.name} (${other.at})`] : [],
      ),
  )
}

describe('the names of statements, as they are written', () => {
  const sources = readSources(join(__dirname, '../../..'), 'server').filter(
    ({ path }) => path.endsWith('.ts') && /^server\/(store|stores|stores\.ts|main)/.test(path),
  )
  const all = sources.map(({ path, text }) => namesIn(path, text))

  it('are of one text each, those made of parts included', () => {
    expect(all.flatMap(({ faults }) => faults)).toEqual([])
    expect(clashes(all.flatMap(({ names }) => names))).toEqual([])
  })

  it('are all seen', () => {
    expect(all.flatMap(({ names }) => names).length).toBeGreaterThan(150)
    const unseen = sources.filter(
      ({ text }, i) => [...text.matchAll(/: Statement = \{/g)].length > all[i]!.names.length,
    )
    expect(unseen.map(({ path }) => path)).toEqual([])
  })

  it.each([
    ['the same twice', ['a-b', 'a-b'], true],
    ['one that a part may become', ['analyze-orders', `analyze-${PART}`], true],
    ['one with parts at both ends', [`${PART}-of-${PART}`, 'cards-of-deck'], true],
    ['two that parts may make one', [`left-${PART}`, `left-of-${PART}`], true],
    ['what only begins alike', ['analyze', `analyze-${PART}`], false],
    ['two with beginnings of their own', [`left-${PART}`, `open-${PART}`], false],
    ['two with ends of their own', [`left-${PART}-a`, `left-${PART}-b`], false],
  ])('are compared: %s', (_, names, isClash) => {
    expect(clashes(names.map((name) => ({ at: 'x.ts', name }))).length).toBe(isClash ? 1 : 0)
  })

  it.each([
    ["const A: Statement = { name: 'a', text: `b` }", ['a'], 0],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a sample of a template
    ['f({ replan: true, text, name: `a-${b}` })', [`a-${PART}`], 0],
    ['f({ name, text })', [], 1],
    ["f({ name: a ? 'b' : 'c', text })", [], 1],
    ['f({ ...A, text })', [], 1],
    ["f({ name: 'no statement' })", [], 0],
  ])('are found in %s', (source, names, faults) => {
    const found = namesIn('x.ts', source)
    expect([found.names.map(({ name }) => name), found.faults.length]).toEqual([names, faults])
  })
})

describe('a name that comes with another text', () => {
  let engine: TestSql
  beforeAll(async () => {
    engine = await startTestPglite()
  })
  afterAll(() => engine?.stop())
  const one = { name: 'named-once', text: 'select 1 as n' }
  const other = { name: 'named-once', text: 'select 2 as n' }

  it('is refused at the first sight, on whatever connection, kept or not', async () => {
    const sql = await engine.fresh()
    expect(await sql.run(one, [])).toEqual([{ n: 1 }])
    expect(await sql.run({ ...one, text: `select ${1} as n` }, [])).toEqual([{ n: 1 }])
    for (const shared of [other, { ...other, replan: true as const }])
      await expect(sql.run(shared, [])).rejects.toThrow(SharedName)
    const long = { name: 'n'.repeat(54), text: 'select 3 as n' }
    await expect(sql.run(long, [])).rejects.toThrow('has 54 letters, more than 53')
  })

  it('is run all the same in production, which tells of it once, and is kept by no connection', async () => {
    const told: string[] = []
    const sql = openSql({ ...engine.connection(), onSharedName: (name) => told.push(name) })
    try {
      expect(await sql.run(one, [])).toEqual([{ n: 1 }])
      for (const n of [2, 2]) expect(await sql.run(other, [])).toEqual([{ n }])
      expect(await sql.run(one, [])).toEqual([{ n: 1 }])
      expect(told).toEqual(['named-once'])
    } finally {
      await sql.close()
    }
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The tutorial is followed: its code is the toy's, whole, and in an order in which each file needs only those before it. */

const ROOT = join(__dirname, '../..')
const TUTORIAL = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
const BLOCKS = [...TUTORIAL.matchAll(/^`([\w/.-]+)`\n```ts\n([\s\S]*?)```$/gm)].map(([, file, code]) => ({
  file: file!,
  code: code!,
}))
const FOLDER = 'harness/toy-wallet/channel'

describe('CONTRIBUTING.md', () => {
  it('shows every file of the toy’s channel, and the line that adds it', () => {
    const files = readdirSync(join(ROOT, FOLDER)).map((name) => `${FOLDER}/${name}`)
    expect(BLOCKS.map(({ file }) => file).sort()).toEqual([...files, 'harness/toy-bff.ts'].sort())
    expect(TUTORIAL.match(/^```ts$/gm)).toHaveLength(BLOCKS.length)
  })

  it.each(BLOCKS)('shows $file as it is', ({ file, code }) => {
    expect(code).toBe(readFileSync(join(ROOT, file), 'utf8'))
  })

  it('needs at each step nothing that comes later', () => {
    const shown = new Set<string>()
    for (const { file, code } of BLOCKS) {
      const siblings = [...code.matchAll(/from '\.\/([\w/-]+)'/g)].map(([, name]) => name!)
      for (const name of siblings) {
        const target = join(file, '..', name)
        expect([`${target}.ts`, `${target}/index.ts`].some((one) => shown.has(one))).toBe(true)
      }
      shown.add(file)
    }
    expect(shown.size).toBe(BLOCKS.length)
  })

  it('names only files that are there', () => {
    const named = [...TUTORIAL.matchAll(/`((?:server|harness|test|docs)\/[\w/.-]+)`/g)].map(([, path]) => path!)
    for (const path of named) expect(() => readdirOrFile(join(ROOT, path))).not.toThrow()
    expect(named.length).toBeGreaterThan(15)
  })
})

function readdirOrFile(path: string): unknown {
  try {
    return readFileSync(path)
  } catch {
    return readdirSync(path)
  }
}

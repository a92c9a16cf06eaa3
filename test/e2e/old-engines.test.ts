import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildPages } from '../../scripts/build-pages'
import { replaceAll } from '../../src/platform/young'
import { faultsOf, faultsOfScript, YOUNG } from '../support/old-engines'

const H5_DIR = resolve(__dirname, '../../dist/h5')

beforeAll(() => buildPages('h5'))

it('every script of the pages in a browser is one that the oldest telephones promised can read', () => {
  expect(faultsOf(H5_DIR, () => false)).toEqual([])
})

it('no package in what every page loads calls what they haven’t got, but for what is brought along', () => {
  // a page's own chunk has its number for a name, and no package in it; the desk's are computers of these years
  const ofAll = (file: string) => /\/(?!console)[a-z]+\.\w+\.js$/.test(file)
  const found = faultsOf(H5_DIR, ofAll)
  expect(found.filter(({ what }) => what !== 'replaceAll()')).toEqual([])
  // src/platform/young.ts is for these
  expect(new Set(found.map(({ file }) => file.split('.')[0]))).toEqual(new Set(['js/app']))
})

it('nor does a page of payers and shops itself', () => {
  const src = resolve(__dirname, '../../src')
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(?!console\/|platform\/young).*\.tsx?$/.test(name),
  )
  expect(files.length).toBeGreaterThan(100)
  const calls = new RegExp(`\\b(${[...YOUNG].join('|')})\\(`, 'g')
  const found = files.flatMap((file) => {
    const lines = readFileSync(join(src, file), 'utf8').split('\n')
    return lines.flatMap((line, i) => (line.match(calls) ?? []).map((call) => `${file}:${i + 1} ${call}`))
  })
  expect(found).toEqual([])
})

it.each([
  ['a+b+c', '+', ' '],
  ['a.b', '.', '$&'],
  ['none', 'x', 'y'],
  ["it's (so)!", /[!'()*]/g, (found: string) => `%${found.charCodeAt(0).toString(16)}`],
] as const)('what is brought along does with %s as an engine does', (text, from, to) => {
  const own = replaceAll.call(text, from, to as string)
  expect(own).toBe(
    typeof to === 'string' && to.includes('$') ? text.split(from).join(to) : text.replaceAll(from, to as string),
  )
})

it('so are those that stand in the page itself', () => {
  const html = readFileSync(join(H5_DIR, 'index.html'), 'utf8')
  const scripts = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text!)
  expect(scripts.length).toBeGreaterThan(1)
  expect(scripts.flatMap(faultsOfScript)).toEqual([])
})

it.each([
  ['a ?? b', 'Unexpected token'],
  ['a?.b', 'Unexpected token'],
  ['class A { b = 1 }', 'Unexpected token'],
  ['x = 1n', 'Identifier directly after number'],
  ['x = /(?<=a)b/', 'Invalid regular expression'],
  ['x = /a/s', 'Invalid regular expression flag'],
  ['x = { ...y }', 'Unexpected token'],
  ['try {} catch {}', 'Unexpected token'],
  ['a.b.replaceAll(1, 2)', 'replaceAll()'],
])('the reader of these tests stops at %s', (text, what) => {
  const faults = faultsOfScript(`let a\n${text}`)
  expect(faults).toMatchObject([{ line: 2 }])
  expect(faults[0]!.what).toContain(what)
})

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildPages } from '../../scripts/build-pages'
import { faultsOf, faultsOfScript } from '../support/old-engines'

const H5_DIR = resolve(__dirname, '../../dist/h5')

beforeAll(() => buildPages('h5'))

it('every script of the pages in a browser is one that the oldest telephones promised can read', () => {
  // the desk's are computers of these years; what they can't read would still be a page that never opens
  const isPayers = (file: string) => !/console/.test(file)
  expect(faultsOf(H5_DIR, isPayers)).toEqual([])
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

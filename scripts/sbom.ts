import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What others made of what we ship: a bill of materials (CycloneDX 1.5) and the texts of its licences, from package-lock.json and
 * node_modules alone. `npm sbom` can't tell of the pages, whose packages are all for development, and gives every file another number
 * and time; the same sources make the same bill here. A test holds the server's against npm's own.
 */

/** May be shipped with a product that isn't open: what they ask for is that their words come along. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
  'Zlib',
])

export interface LockEntry {
  version?: string
  integrity?: string
  license?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}
export type Lock = Record<string, LockEntry>

/** A package that ships, by its folder as the lock names it: `node_modules/koa`. */
export interface Shipped {
  folder: string
  name: string
  version: string
  /** an SPDX expression */
  license: string
  integrity: string | undefined
  /** name@version of those it asks for, of those that ship */
  needs: string[]
}

/** Thrown with every package that may not be shipped, one a line. */
export class LicenceRefused extends Error {
  override name = 'LicenceRefused'
}

export function readLock(root: string): Lock {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
}

/** Everything that an installation without development packages has. */
export function runtimeFolders(lock: Lock): string[] {
  const found = new Set<string>()
  const walk = (folder: string) => {
    for (const needed of needsOf(lock, folder)) {
      if (found.has(needed)) continue
      found.add(needed)
      walk(needed)
    }
  }
  walk('')
  return [...found]
}

/** The folders of what a package asks for, as node finds them; what isn't installed is left out. */
function needsOf(lock: Lock, folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = lock[folder] ?? {}
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional)
  const names = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
  return [...new Set(names)].flatMap((name) => resolved(lock, folder, name) ?? [])
}

function resolved(lock: Lock, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const folder = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (lock[folder]) return folder
    if (at === '') return undefined
  }
}

/** @throws LicenceRefused */
export function shipped(lock: Lock, folders: readonly string[], licenceOf: (folder: string) => string): Shipped[] {
  const all = [...new Set(folders)].sort().map((folder) => {
    const { version = '', integrity, license } = lock[folder] ?? {}
    const needs = needsOf(lock, folder).filter((one) => folders.includes(one))
    const name = nameOf(folder)
    return {
      ...{ folder, name, version, integrity, license: license ?? licenceOf(folder) },
      needs: needs.map((one) => `${nameOf(one)}@${lock[one]!.version}`),
    }
  })
  const refused = all.filter(({ license }) => !allowed(license))
  if (refused.length > 0) {
    const lines = refused.map(({ name, version, license }) => `  ${name}@${version}: ${license || 'no licence'}`)
    throw new LicenceRefused(`the licences of these packages don't let us ship them:\n${lines.join('\n')}`)
  }
  return all
}

const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** `(MIT OR GPL-3.0)` leaves us the choice; of `A AND B` both must do. No package of ours nests them. */
export function allowed(expression: string): boolean {
  const text = expression.replace(/^\((.*)\)$/, '$1')
  if (text.includes(' OR ')) return text.split(' OR ').some(allowed)
  if (text.includes(' AND ')) return text.split(' AND ').every(allowed)
  return ALLOWED.has(text.trim())
}

/** `name` ships as a part of this product. */
export function cycloneDx(name: string, version: string, all: readonly Shipped[]): object {
  const once = new Map(all.map((one) => [`${one.name}@${one.version}`, one]))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { 'bom-ref': name, type: 'application', name, version } },
    components: [...once].map(([ref, one]) => ({
      'bom-ref': ref,
      type: 'library',
      name: one.name,
      version: one.version,
      purl: `pkg:npm/${one.name.replace('@', '%40')}@${one.version}`,
      ...(one.integrity && { hashes: one.integrity.split(' ').map(hashOf) }),
      licenses: [/ (OR|AND) /.test(one.license) ? { expression: one.license } : { license: { id: one.license } }],
    })),
    dependencies: [...once].map(([ref, { needs }]) => ({ ref, dependsOn: [...new Set(needs)].sort() })),
  }
}

/** `sha512-…` of the lock, in hex. */
function hashOf(integrity: string): { alg: string; content: string } {
  const [, bits, base64] = /^sha(\d+)-(.+)$/.exec(integrity)!
  return { alg: `SHA-${bits}`, content: Buffer.from(base64!, 'base64').toString('hex') }
}

/** Every package with its own words, as their licences ask; the same words once. `textOf`: those in its folder, or undefined. */
export function licenceText(all: readonly Shipped[], textOf: (folder: string) => string | undefined): string {
  const by = new Map<string, string[]>()
  for (const { folder, name, version, license } of all) {
    const text =
      textOf(folder)?.replaceAll('\r\n', '\n').trim() ?? `(The package brings no text of its licence: ${license}.)`
    const who = `${name} ${version} (${license})`
    by.set(text, [...(by.get(text) ?? []), who])
  }
  const parts = [...by].map(([text, who]) => `${[...new Set(who)].join('\n')}\n\n${text}\n`)
  return parts.join(`\n${'-'.repeat(80)}\n\n`)
}

/** What a package has brought along inside of itself is that package's; the lock knows no more of it. */
function owner(lock: Lock, folder: string): string {
  let at = folder
  while (at !== '' && !lock[at]) at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
  return at
}

/** Writes `<out>/<target>.cdx.json` and `<out>/<target>-licences.txt`. @throws LicenceRefused, and then writes nothing */
export function writeBill(root: string, target: string, folders: readonly string[], out: string): void {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const licenceOf = (folder: string) =>
    String(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).license ?? '')
  const lock = readLock(root)
  const all = shipped(
    lock,
    folders.map((folder) => owner(lock, folder)),
    licenceOf,
  )
  mkdirSync(out, { recursive: true })
  const bill = cycloneDx(`${name}-${target}`, version, all)
  writeFileSync(join(out, `${target}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`)
  writeFileSync(
    join(out, `${target}-licences.txt`),
    licenceText(all, (folder) => words(join(root, folder))),
  )
}

/** A licence file, and what Apache's asks to be passed on beside it. */
function words(folder: string): string | undefined {
  const files = readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(name))
    .sort()
  return files.length === 0 ? undefined : files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
}

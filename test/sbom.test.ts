import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  allowed,
  cycloneDx,
  LicenceRefused,
  type Lock,
  licenceText,
  readLock,
  runtimeFolders,
  shipped,
  writeBill,
} from '../scripts/sbom'

const ROOT = join(__dirname, '..')
const unasked = (folder: string) => {
  throw new Error(`asked for ${folder}`)
}

interface Bill {
  components: { name: string; version: string; purl: string; licenses: object[]; hashes: { content: string }[] }[]
  dependencies: { ref: string; dependsOn: string[] }[]
}

describe('the bill of materials', () => {
  const lock = readLock(ROOT)
  const folders = runtimeFolders(lock)

  it('of the server has what an installation without development packages has, by the lock’s own marks', () => {
    const marked = Object.entries(lock as Record<string, { dev?: boolean; devOptional?: boolean }>)
      .filter(([folder, { dev, devOptional }]) => folder !== '' && !dev && !devOptional)
      .map(([folder]) => folder)
    expect([...folders].sort()).toEqual(marked.sort())
  })

  it('names each with its licence, its hash and what it needs, and no host of anybody’s', () => {
    const out = mkdtempSync(join(tmpdir(), 'fapai-sbom-'))
    try {
      writeBill(ROOT, 'server', folders, out)
      const text = readFileSync(join(out, 'server.cdx.json'), 'utf8')
      const bill = JSON.parse(text) as Bill
      const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
      expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(dependencies)))
      expect(
        bill.components.filter(
          ({ licenses, hashes }) => !licenses?.[0] || !/^[0-9a-f]{128}$/.test(hashes?.[0]?.content ?? ''),
        ),
      ).toEqual([])
      const refs = new Set(bill.components.map(({ name, version }) => `${name}@${version}`))
      expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([])
      expect(bill.dependencies.find(({ ref }) => ref.startsWith('koa@'))!.dependsOn).toEqual(
        expect.arrayContaining([expect.stringMatching(/^cookies@/)]),
      )
      expect(text).not.toMatch(/https?:|resolved|externalReferences/)
      const licences = readFileSync(join(out, 'server-licences.txt'), 'utf8')
      for (const name of Object.keys(dependencies)) expect(licences).toMatch(new RegExp(`^${name} \\d.* \\(`, 'm'))
      expect(licences).toContain('Permission is hereby granted, free of charge')
      writeBill(ROOT, 'inside', ['node_modules/koa/lib/node_modules/.pnpm/a@1/node_modules/a'], out)
      const inside = JSON.parse(readFileSync(join(out, 'inside.cdx.json'), 'utf8')) as Bill
      expect(inside.components.map(({ name }) => name)).toEqual(['koa'])
      writeBill(ROOT, 'server', folders, join(out, 'again'))
      expect(readFileSync(join(out, 'again', 'server.cdx.json'), 'utf8')).toBe(text)
    } finally {
      rmSync(out, { recursive: true, force: true })
    }
  })

  it('finds a package as node does: the nearest folder above, and what isn’t installed nowhere', () => {
    const nested: Lock = {
      '': { dependencies: { a: '1', gone: '1' } },
      'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { b: '2' } },
      'node_modules/b': { version: '1.0.0', license: 'MIT' },
      'node_modules/a/node_modules/b': {
        version: '2.0.0',
        license: 'MIT',
        peerDependencies: { c: '1', d: '1' },
        peerDependenciesMeta: { d: { optional: true } },
      },
      'node_modules/c': { version: '3.0.0', license: 'ISC' },
      'node_modules/d': { version: '4.0.0', license: 'ISC' },
    }
    const found = runtimeFolders(nested)
    expect(found).toEqual(['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c'])
    expect(cycloneDx('x', '1', shipped(nested, found, unasked))).toMatchObject({
      components: [{ purl: 'pkg:npm/a@1.0.0' }, { purl: 'pkg:npm/b@2.0.0' }, { purl: 'pkg:npm/c@3.0.0' }],
      dependencies: [{ dependsOn: ['b@2.0.0'] }, { dependsOn: ['c@3.0.0'] }, { dependsOn: [] }],
    })
  })
})

describe('licences', () => {
  it.each(['MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT', 'BSD-3-Clause'])('of %s may ship', (licence) => {
    expect(allowed(licence)).toBe(true)
  })

  it.each([
    'GPL-3.0',
    'AGPL-3.0-only',
    'MIT AND GPL-2.0',
    '(LGPL-2.1 OR SSPL-1.0)',
    'UNLICENSED',
    'SEE LICENSE IN X',
    '',
  ])('of %j may not', (licence) => {
    expect(allowed(licence)).toBe(false)
  })

  it('lets nothing through but by the list, and names all that it refuses', () => {
    const lock: Lock = {
      'node_modules/good': { version: '1.0.0', license: 'MIT' },
      'node_modules/bad': { version: '2.0.0', license: 'AGPL-3.0-only' },
      'node_modules/@odd/one': { version: '3.0.0' },
    }
    const make = () => shipped(lock, Object.keys(lock), () => '')
    expect(make).toThrow(LicenceRefused)
    expect(make).toThrow('  @odd/one@3.0.0: no licence\n  bad@2.0.0: AGPL-3.0-only')
    expect(() => shipped(lock, ['node_modules/@odd/one'], () => 'ISC')).not.toThrow()
  })

  it('are told in their own words, the same words once, and where a package has none that is said', () => {
    const one = (name: string) => ({
      folder: name,
      name,
      version: '1',
      license: 'MIT',
      integrity: undefined,
      needs: [],
    })
    const text = licenceText([one('a'), one('b'), one('c')], (folder) =>
      folder === 'c' ? undefined : 'Words\r\nof it\n',
    )
    expect(text).toContain('a 1 (MIT)\nb 1 (MIT)\n\nWords\nof it\n')
    expect(text).toContain('c 1 (MIT)\n\n(The package brings no text of its licence: MIT.)')
  })
})

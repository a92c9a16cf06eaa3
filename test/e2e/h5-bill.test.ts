import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildPages } from '../../scripts/build-pages'

const DIST = resolve(__dirname, '../../dist')

it('the built pages come with a bill of the packages that are in them, and their licences; neither is served', async () => {
  await buildPages('h5')
  const { components } = JSON.parse(readFileSync(join(DIST, 'sbom/h5.cdx.json'), 'utf8'))
  const names = components.map(({ name }: { name: string }) => name)
  expect(names).toEqual(expect.arrayContaining(['react', 'react-dom', '@tarojs/runtime', 'chart.js', 'webpack']))
  expect(names.filter((name: string) => /^(koa|pg|jest|typescript|@swc\/core)$/.test(name))).toEqual([])
  expect(readFileSync(join(DIST, 'sbom/h5-licences.txt'), 'utf8')).toMatch(/^react 18\.3\.1 \(MIT\)$/m)
  const served = readdirSync(join(DIST, 'h5'), { recursive: true, encoding: 'utf8' })
  expect(served.filter((name) => /cdx|licence|packages/i.test(name))).toEqual([])
  expect(existsSync(join(DIST, 'h5/index.html'))).toBe(true)
})

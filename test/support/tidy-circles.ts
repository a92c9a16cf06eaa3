import { type Import, importsOf } from './tidy-imports'
import type { Source } from './tidy-source'

/** Where a module's file may lie, as node and Taro look for it: a page's `.weapp` twin stands beside the H5 one. */
const ENDINGS = ['', '.ts', '.tsx', '.weapp.ts', '.weapp.tsx', '/index.ts', '/index.tsx']
/** tsconfig.json's `paths` */
const ALIASES: Record<string, string> = { '@contract': 'server/http/contract' }

const MODULE = /\.(tsx?|mjs|cjs|js)$/

/**
 * The circles of files that import each other, each as the path round it: `a → b → a`. An import of types alone counts,
 * and so does a dynamic one: whoever reads one of the files has to read them all.
 */
export function circles(sources: readonly Source[]): string[] {
  const modules = sources.filter(({ path }) => MODULE.test(path))
  const paths = new Set(modules.map(({ path }) => path))
  const filesOf = ({ target, relative }: Import) => {
    const file = relative ? target : ALIASES[target]
    return file === undefined ? [] : ENDINGS.map((end) => file + end).filter((path) => paths.has(path))
  }
  const imports = new Map(modules.map((source) => [source.path, importsOf(source).flatMap(filesOf)]))
  const found: string[] = []
  const walked = new Set<string>()
  const way: string[] = []
  const walk = (path: string): void => {
    const from = way.indexOf(path)
    if (from >= 0) found.push([...way.slice(from), path].join(' → '))
    if (walked.has(path)) return
    walked.add(path)
    way.push(path)
    for (const next of imports.get(path) ?? []) walk(next)
    way.pop()
  }
  for (const { path } of modules) walk(path)
  return found
}

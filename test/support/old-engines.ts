import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What the oldest engines that are promised can read: the lines of .browserslistrc, and the year of their common syntax. */
const PROMISED = ['ios >= 11', 'android >= 7', 'chrome >= 66']
/** iOS 11.0 reads nothing of ES2018: no `{ ...rest }`, no `s` flag and no lookbehind in a regexp. */
const ECMA_VERSION = 2017

/** Methods of the years after; a call of one is a fault only at its run, and only on such a telephone. */
export const YOUNG = new Set([
  ...[
    'replaceAll',
    'matchAll',
    'flatMap',
    'flat',
    'at',
    'findLast',
    'findLastIndex',
    'toSorted',
    'toReversed',
    'toSpliced',
  ],
  ...[
    'fromEntries',
    'allSettled',
    'hasOwn',
    'canParse',
    'structuredClone',
    'queueMicrotask',
    'randomUUID',
    'trimStart',
    'trimEnd',
  ],
])

export interface Fault {
  file: string
  line: number
  column: number
  what: string
}

interface Node {
  type: string
  start: number
  [name: string]: unknown
}
type Acorn = { parse(text: string, options: object): Node }

/** Webpack's own reader, of the version that has read our sources. */
const acorn: Acorn = require(require.resolve('acorn', { paths: [require.resolve('webpack')] }))

/** Everything below a built folder that the oldest engines can't read; with `methods`, what they can read and haven't got. */
export function faultsOf(folder: string, methods: (file: string) => boolean): Fault[] {
  const promised = readFileSync(resolve(__dirname, '../../.browserslistrc'), 'utf8').trim().split('\n')
  if (promised.join() !== PROMISED.join())
    throw new Error('.browserslistrc promises others: which syntax do they read?')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|wxs)$/.test(name))
  if (files.length < 5) throw new Error(`no pages were built into ${folder}`)
  return files.sort().flatMap((file) => {
    const faults = faultsOfScript(readFileSync(join(folder, file), 'utf8'))
    return faults.filter(({ young }) => !young || methods(file)).map(({ young: _, ...fault }) => ({ file, ...fault }))
  })
}

export function faultsOfScript(text: string): (Omit<Fault, 'file'> & { young: boolean })[] {
  try {
    const tree = acorn.parse(text, {
      ecmaVersion: ECMA_VERSION,
      sourceType: 'script',
      allowReturnOutsideFunction: true,
    })
    return young(tree).map(({ start, what }) => ({ ...placeOf(text, start), what, young: true }))
  } catch (error) {
    const { message, pos } = error as Error & { pos?: number }
    if (pos === undefined) throw error
    return [{ ...placeOf(text, pos), what: `${message}: ${text.slice(Math.max(0, pos - 40), pos + 40)}`, young: false }]
  }
}

function young(tree: Node): { start: number; what: string }[] {
  const found: { start: number; what: string }[] = []
  const look = (value: unknown) => {
    if (Array.isArray(value)) return value.forEach(look)
    if (value === null || typeof value !== 'object' || !('type' in value)) return
    const node = value as Node
    const what = node.type === 'CallExpression' ? calledOf(node.callee as Node) : undefined
    if (what && YOUNG.has(what)) found.push({ start: node.start, what: `${what}()` })
    Object.values(node).forEach(look)
  }
  look(tree)
  return found
}

function calledOf(callee: Node): string | undefined {
  if (callee.type === 'Identifier') return callee.name as string
  if (callee.type !== 'MemberExpression' || callee.computed) return undefined
  return (callee.property as Node).name as string
}

function placeOf(text: string, at: number) {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: before[before.length - 1]!.length + 1 }
}

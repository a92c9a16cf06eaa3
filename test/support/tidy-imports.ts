import { posix } from 'node:path'
import type { Rule } from './tidy-rules'
import { blank, lineAt, type Source } from './tidy-source'

export interface Import {
  line: number
  /** `server/domain/rule` for a relative one, `node:crypto` or `koa` for another */
  target: string
  relative: boolean
  typeOnly: boolean
}

const IMPORT =
  /\b(import|export)\b(\s+type\b(?!\s*,))?((?:(?!\b(?:import|export)\b)[^;'"`()])*?\bfrom\s*|\s*\(?\s*)(['"])([^'"\n]+)\4|\brequire\(\s*(['"])([^'"\n]+)\6/g

/** What a module imports, re-exports or requires; relative ones resolved to a path from the root, without extension. */
export function importsOf({ path, text }: Source): Import[] {
  const code = blank(text, 'keep-strings')
  return [...code.matchAll(IMPORT)].map((match) => {
    const name = (match[5] ?? match[7])!
    const relative = name.startsWith('.')
    return {
      line: lineAt(code, match.index),
      target: relative ? posix.join(posix.dirname(path), name) : name,
      relative,
      typeOnly: match[2] !== undefined,
    }
  })
}

/**
 * The rooms of `server` and what each may take, besides its own (docs/ARCHITECTURE.md). `packages`: which modules from outside
 * the repository; undefined is any. A room that is not listed may not exist.
 */
const ROOMS: Record<string, { may: RegExp; packages?: RegExp }> = {
  domain: { may: /^$/, packages: /^node:crypto$/ },
  flow: { may: /^domain\//, packages: /^node:crypto$/ },
  store: { may: /^(domain\/|flow\/ports$)/ },
  channel: { may: /^(domain\/|flow\/ports$)/ },
  beacon: { may: /^(domain\/|flow\/ports$)/ },
  kms: { may: /^(domain\/|flow\/ports$)/ },
  http: { may: /^((domain|flow|sight)\/|serve\/(over|later)$)/ },
  job: { may: /^(domain|flow|sight)\// },
  // Threads that do what http and flow name as tasks; none of it serves anybody.
  threads: {
    may: /^(domain\/|flow\/(ports|campaign\/forecast)$|http\/(csv-tasks|sheet-task)$|login\/(weak-password|scrypt)$)/,
  },
  // How people prove who they are: password hashes, single sign-on, and Alipay, whose gateway is the payments' too.
  login: { may: /^(domain\/|flow\/ports$|channel\/alipay\/sign$)/ },
  // WeChat's own interfaces, beside log-in and payment.
  wechat: { may: /^(domain\/|flow\/ports$)/ },
  // Where operators are told of something outside of the console.
  notify: { may: /^(domain\/|flow\/ports$)/ },
  // The counterpart of a channel speaks the same signed protocol, and shares only that with it.
  sandbox: { may: /^(domain\/|flow\/ports$|channel\/\w+\/sign$|serve$)/ },
  // How a server of ours listens and ends, whatever it serves.
  serve: { may: /^$/, packages: /^node:(http|net|events|child_process)$/ },
  // Each channel brings the schema of what it needs to be told; the crash points are a list of names.
  config: { may: /^(domain\/|flow\/payment\/crash-point$|channel\/(client-certificate|\w+\/schema)$|wechat\/words$)/ },
  main: { may: /./ },
  // What is written down of what happened, for main and the tools.
  log: { may: /^sight\/context$/, packages: /^pino$/ },
  // What is measured, and under which number it is written down: for whoever does work, and none of it does any.
  sight: { may: /^domain\// },
  // main's half that opens the stores; apart only to keep both files short.
  stores: { may: /^(config|domain\/|flow\/ports|sight\/|store\/)/ },
}

/**
 * What starts the product's servers is `harness`, for tests and tools alike; nothing but a test takes from a test. `server`
 * and `src` have rules of their own.
 */
const ROOTS: Record<string, RegExp> = {
  harness: /^(harness|server)\//,
  bench: /^(bench|harness|server|scripts)\//,
  chaos: /^(chaos|harness|server|scripts)\//,
  siege: /^(siege|harness|server|scripts)\//,
  scripts: /^(scripts|harness|server|config)\//,
}

export const toolImports: Rule = {
  name: 'harness, bench, chaos, siege and scripts take from the product and from harness, never from a test',
  check(source) {
    const may = ROOTS[source.path.split('/')[0]!]
    if (!may || !/\.([tj]sx?|mjs|cjs)$/.test(source.path)) return []
    return importsOf(source).flatMap(({ line, target, relative }) =>
      relative && !may.test(target) ? [`${line}: imports ${target}`] : [],
    )
  },
}

/** `server/domain/rule` → `domain/rule`; undefined for what is outside of server. */
const inServer = (target: string) => (target.startsWith('server/') ? target.slice('server/'.length) : undefined)
const roomOf = (inside: string) => inside.split('/')[0]!.replace(/\.tsx?$/, '')

export const importDirections: Rule = {
  name: 'a room of the server imports only what the plan of the house lets it',
  check(source) {
    const inside = inServer(source.path)
    if (!inside || !/\.tsx?$/.test(source.path)) return []
    const room = ROOMS[roomOf(inside)]
    if (!room) return [`1: ${roomOf(inside)} is no room of the server`]
    return importsOf(source).flatMap(({ line, target, relative }) => {
      if (!relative)
        return room.packages && !room.packages.test(target) ? [`${line}: imports the package ${target}`] : []
      const to = inServer(target)
      const own = to !== undefined && roomOf(to) === roomOf(inside)
      return own || (to !== undefined && room.may.test(to)) ? [] : [`${line}: imports ${target}`]
    })
  },
}

export const clientImports: Rule = {
  name: 'src takes from the server only the types of its HTTP contract',
  check(source) {
    if (!source.path.startsWith('src/') || !/\.tsx?$/.test(source.path)) return []
    return importsOf(source).flatMap(({ line, target, relative, typeOnly }) => {
      const contract = target === '@contract' || target.startsWith('server/http/contract')
      if (contract) return typeOnly ? [] : [`${line}: imports a value of the contract: use import type`]
      return relative && !target.startsWith('src/') ? [`${line}: imports ${target}`] : []
    })
  },
}

export const oneHttpServer: Rule = {
  name: 'only server/serve.ts makes an HTTP server, so that all keep their connections long enough',
  check(source) {
    if (!source.path.startsWith('server/') || source.path === 'server/serve.ts') return []
    return importsOf(source).flatMap(({ line, target, typeOnly }) =>
      /^node:https?2?$/.test(target) && !typeOnly ? [`${line}: imports a value of ${target}`] : [],
    )
  },
}

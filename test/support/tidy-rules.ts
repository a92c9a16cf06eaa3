import { functionsOf } from './tidy-functions'
import { blank, lineAt, type Source } from './tidy-source'

/** A house rule: `check` gives one message a violation, each beginning with its line. */
export interface Rule {
  name: string
  check(source: Source): string[]
}

const isTs = (path: string) => /\.tsx?$/.test(path)
const isTest = (path: string) => path.startsWith('test/')
const codeOf = (source: Source) => blank(source.text, 'blank-strings')

/** One message for each place where the pattern is found. */
function find(text: string, pattern: RegExp, say: (found: string) => string): string[] {
  const all = new RegExp(pattern.source, [...new Set(`${pattern.flags}g`)].join(''))
  return [...text.matchAll(all)].map((match) => `${lineAt(text, match.index)}: ${say(match[0].trim())}`)
}

/** One file is read in one sitting. */
const FILE_LINES = 300
const TEST_FILE_LINES = 400

export const fileLength: Rule = {
  name: `a file has at most ${FILE_LINES} lines, a test ${TEST_FILE_LINES}`,
  check({ path, text }) {
    if (!/\.(tsx?|lua)$/.test(path)) return []
    const lines = text.trimEnd().split('\n').length
    const most = isTest(path) ? TEST_FILE_LINES : FILE_LINES
    return lines > most ? [`1: ${lines} lines, more than ${most}`] : []
  },
}

/** A component holds its markup, so it may be longer than a function that only decides. */
const FUNCTION_LINES = 70
const COMPONENT_LINES = 120

export const functionLength: Rule = {
  name: `a function has at most ${FUNCTION_LINES} lines, a component ${COMPONENT_LINES}`,
  check({ path, text }) {
    if (!isTs(path) || isTest(path)) return []
    const most = path.endsWith('.tsx') ? COMPONENT_LINES : FUNCTION_LINES
    return functionsOf(text)
      .filter(({ lines }) => lines > most)
      .map(({ name, line, lines }) => `${line}: ${name} has ${lines} lines, more than ${most}`)
  },
}

export const luaHeaders: Rule = {
  name: 'a Lua script begins with its purpose, KEYS, ARGV and what it returns',
  check({ path, text }) {
    if (!path.endsWith('.lua')) return []
    const header = /^(--.*\n?)+/.exec(text)?.[0] ?? ''
    return [
      ...(/^-- Purpose: \S+ \S+ \S+/.test(header) ? [] : ['1: does not begin with its purpose']),
      ...['KEYS', 'ARGV'].filter((name) => !header.includes(name)).map((name) => `1: the header does not name ${name}`),
      ...(/\breturns?\b/i.test(header) ? [] : ['1: the header does not say what it returns']),
    ]
  },
}

/** Lines of code where an amount in fen meets floating point. `/ 100` is a loss of cents unless it is rounded there. */
export const noFloatMoney: Rule = {
  name: 'money never meets floating point',
  check(source) {
    if (!isTs(source.path) || isTest(source.path)) return []
    const code = codeOf(source)
    const typed = source.path.startsWith('server/')
      ? find(code, /\b\w*[yY]uan\w*\??\s*:\s*number\b/, (found) => `yuan as a number: ${found}`)
      : []
    const lines = code.split('\n').flatMap((line, i) => {
      if (!/\w*Fen\b/.test(line)) return []
      const unguarded = /\/\s*100\b/.test(line) && !/Math\.(floor|ceil|trunc|round)\(/.test(line)
      const fault = /\bparseFloat\b|\.toFixed\b/.exec(line)?.[0] ?? /(?<![\w.])\d+\.\d+/.exec(line)?.[0]
      return fault || unguarded ? [`${i + 1}: fen meet ${fault ?? '/ 100'}`] : []
    })
    return [...typed, ...lines]
  },
}

export const environment: Rule = {
  name: 'only server/config.ts reads process.env',
  check(source) {
    if (!/^(server|src)\//.test(source.path) || !isTs(source.path) || source.path === 'server/config.ts') return []
    // Taro replaces process.env.TARO_* at build time: in src it is a constant, not the environment.
    const pattern = source.path.startsWith('src/') ? /\bprocess\.env\b(?!\.TARO_\w)/ : /\bprocess\s*\.\s*env\b/
    return find(codeOf(source), pattern, (found) => `reads ${found}`)
  },
}

export const platforms: Rule = {
  name: 'only src/platform knows WeChat from H5',
  check(source) {
    if (!source.path.startsWith('src/') || !isTs(source.path) || source.path.startsWith('src/platform/')) return []
    return find(codeOf(source), /\bwx\b|\bnavigator\s*\.\s*userAgent\b/, (found) => `mentions ${found}`)
  },
}

export const pureCore: Rule = {
  name: 'domain and flow have no clock and no randomness of their own',
  check(source) {
    if (!/^server\/(domain|flow)\//.test(source.path)) return []
    const pattern = /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\brandom(Bytes|UUID|Int|FillSync)\b/
    return find(codeOf(source), pattern, (found) => `uses ${found}`)
  },
}

/** What a route may take of its deps by itself: to issue and seal what it answers, and to say a limit, a time, or who asks. */
const ROUTES_TAKE = ['clock', 'callerOf', 'tokens', 'sealQuote', 'limits', 'bankName', 'probes', 'log']

export const thinRoutes: Rule = {
  name: 'a route validates, calls flow and presents: it takes no port of its deps itself',
  check(source) {
    if (!source.path.startsWith('server/http/routes/') || !isTs(source.path)) return []
    const code = codeOf(source)
    return [
      ...find(
        code,
        new RegExp(`\\bdeps\\s*\\??\\.\\s*(?!(?:${ROUTES_TAKE.join('|')})\\b)\\w+`),
        (found) => `takes ${found}`,
      ),
      ...find(
        code,
        /\}\s*:\s*(?:\w+<\s*)?HttpDeps\b|\}\s*=\s*deps\b|\bdeps\s*\[/,
        (found) => `takes deps apart: ${found}`,
      ),
    ]
  },
}

export const noOwnChannelByName: Rule = {
  name: 'flow, domain and SQL name no channel as their own but by OWN_CHANNEL',
  check({ path, text }) {
    if (!/^server\/(flow|domain|store\/sql)\//.test(path)) return []
    const rest = path === 'server/domain/channel.ts' ? text.replace("OWN_CHANNEL = 'bank'", '') : text
    return find(blank(rest, 'keep-strings'), /'bank'/, (found) => `names ${found}`)
  },
}

export const noMathRandom: Rule = {
  name: 'nothing of the server is left to Math.random',
  check: (source) =>
    source.path.startsWith('server/') ? find(codeOf(source), /\bMath\s*\.\s*random\b/, (found) => `uses ${found}`) : [],
}

export const fileNames: Rule = {
  name: 'files and folders are named in kebab-case, and no folder is called utils',
  check({ path }) {
    if (!/^(server|src|test|scripts|bench|config|types|docs)\//.test(path)) return []
    const parts = path.split('/')
    // Documents that people look for by custom: docs/ARCHITECTURE.md, docs/GLOSSARY.md.
    const odd = parts.filter(
      (part) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(part) && !/^[A-Z]+(-[A-Z]+)*\.md$/.test(part),
    )
    return [
      ...odd.map((part) => `1: ${part} is not kebab-case`),
      ...parts.slice(0, -1).flatMap((part) => (/^utils?$/.test(part) ? [`1: a folder called ${part}`] : [])),
    ]
  },
}

export const honestTests: Rule = {
  name: 'no test is singled out, and one that is skipped prints its reason',
  check(source) {
    if (!isTest(source.path) || !isTs(source.path)) return []
    const code = codeOf(source)
    const only = find(
      code,
      /\b(it|test|describe)\s*\.\s*only\b|\b(fit|fdescribe)\s*\(/,
      (found) => `singles out: ${found}`,
    )
    const skip = find(
      code,
      /\b(it|test|describe)\s*\.\s*skip\b|\bx(it|test|describe)\s*\(/,
      (found) => `${found} prints no reason`,
    )
    return /\bconsole\s*\.\s*warn\s*\(/.test(code) ? only : [...only, ...skip]
  },
}

/** Written so that the rule does not find itself. */
const MACHINE_PATH = /(?<![\w.:/-])\/(work|home|root)\/|(?<![\w.:/-])\/tmp\//
const REGISTRY =
  /\bregistry\.[a-z0-9-]+\.[a-z]|\bnpm(mirror|js)\.(com|org)\b|^\s*registry\s*=|artif[a]ctory|verd[a]ccio/i

export const noMachine: Rule = {
  name: 'nothing names a registry or a path of one machine',
  check({ path, text }) {
    // A test may name a temporary folder; it would still not name anybody's home.
    const paths = find(text, MACHINE_PATH, (found) => `names ${found}`)
    const hosts = find(text, new RegExp(REGISTRY, 'im'), (found) => `names ${found}`)
    return [...paths.filter((message) => !isTest(path) || !message.includes('/tmp')), ...hosts]
  },
}

export const lockWithoutHosts: Rule = {
  name: 'package-lock.json does not say where packages were downloaded',
  check: ({ path, text }) =>
    path === 'package-lock.json' ? find(text, /"resolved"\s*:/, (found) => `has ${found}`).slice(0, 1) : [],
}

const { createHash } = require('node:crypto')
const { readFileSync, statSync } = require('node:fs')
const { join, relative } = require('node:path')

const ROOT = join(__dirname, '..')
const BUNDLES = join(ROOT, 'node_modules/.cache/fapai/bundles')
const wallets = ['alipay', 'unionpay', 'wechatpay'].map((name) => `server/sandbox/${name}/main.ts`)
const tools = ['audit', 'deal', 'operator', 'prune', 'reconcile'].map((name) => `scripts/${name}.ts`)
exports.PROGRAMS = [...tools, 'server/main.ts', 'server/threads/thread.ts', 'server/sandbox/bank/main.ts', ...wallets]

/** Other packages make another one: by the lock that npm leaves beside what it installed. */
const PACKAGES = createHash('sha256').update(lock()).digest('hex').slice(0, 12)

function lock() {
  try {
    return String(statSync(join(ROOT, 'node_modules/.package-lock.json')).mtimeMs)
  } catch {
    return ''
  }
}

/** How each begins. What is imported in one at a later time is for databases that nobody here has. */
exports.BUNDLE = '/* bundle */'

/** Where the bundle of a program is kept (bundles.ts); what it was made of is beside it. */
exports.bundleOf = (program) => join(BUNDLES, `${program.replaceAll('/', '-').slice(0, -3)}-${PACKAGES}.js`)

/** It is there, and nothing that it was made of has changed since. */
exports.isFresh = (program) => {
  try {
    const madeOf = JSON.parse(readFileSync(`${exports.bundleOf(program)}on`, 'utf8'))
    return madeOf.every(([file, mtimeMs]) => statSync(join(ROOT, file)).mtimeMs === mtimeMs)
  } catch {
    return false
  }
}

/** The whole of a program in one text, if `file` is one and its bundle is as good. */
exports.bundled = (file) => {
  const program = relative(ROOT, file)
  if (!exports.PROGRAMS.includes(program) || !exports.isFresh(program)) return undefined
  return readFileSync(exports.bundleOf(program), 'utf8')
}

const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { basename, dirname, join } = require('node:path')
const v8 = require('node:v8')
const vm = require('node:vm')
const { isMainThread } = require('node:worker_threads')
const { BUNDLE } = require('./bundled.cjs')

const CACHE = join(__dirname, '../node_modules/.cache/fapai/compiled')
/** What is kept of such a module no longer knows who loads for it. */
const IMPORTS = /\bimport\s*\(/

/**
 * Keeps what V8 compiled for a program beside node_modules, for the next process of it: a quarter of a server's start is compiling. Node
 * does it by itself from 22 on.
 */
exports.keepCompiled = () => {
  if (Module.enableCompileCache) return void Module.enableCompileCache(CACHE)
  const file = fileOf(process.argv[1] ?? '')
  const before = kept(file)
  const made = new Map()
  const compile = Module.prototype._compile
  Module.prototype._compile = function (content, filename) {
    if (IMPORTS.test(content) && !content.startsWith(BUNDLE)) return compile.call(this, content, filename)
    const hash = createHash('sha1').update(content).digest('base64')
    const known = before.get(filename)
    const script = new vm.Script(Module.wrap(content.replace(/^#!.*/, '')), {
      filename,
      cachedData: known?.hash === hash ? known.data : undefined,
    })
    if (script.cachedDataRejected !== false) made.set(filename, { hash, script })
    const run = script.runInThisContext()
    return run.call(this.exports, this.exports, requireOf(this), this, filename, dirname(filename))
  }
  // Of a thread there is less than of its process.
  if (isMainThread) process.once('exit', () => made.size > 0 && keep(file, before, made))
}

/** Another program, and other flags of V8, make something else of the same module. */
function fileOf(main) {
  const told = [process.version, main, process.env.NODE_ENV, process.env.NODE_OPTIONS, ...process.execArgv]
  return join(CACHE, `${basename(main)}-${createHash('sha256').update(told.join('\0')).digest('hex').slice(0, 16)}`)
}

/** By module, the hash of its source and what V8 made of it. */
function kept(file) {
  try {
    return v8.deserialize(readFileSync(file))
  } catch {
    return new Map()
  }
}

function keep(file, before, made) {
  const all = new Map(before)
  for (const [name, { hash, script }] of made) all.set(name, { hash, data: script.createCachedData() })
  mkdirSync(CACHE, { recursive: true })
  // Others read while we write.
  const own = `${file}.${process.pid}`
  writeFileSync(own, v8.serialize(all))
  renameSync(own, file)
}

/** What a module is given as its `require`. */
function requireOf(module) {
  const require = (id) => module.require(id)
  return Object.assign(require, {
    resolve: Object.assign((id, options) => Module._resolveFilename(id, module, false, options), {
      paths: (id) => Module._resolveLookupPaths(id, module),
    }),
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  })
}

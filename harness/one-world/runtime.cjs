const hooks = require('node:async_hooks')
const { createRequire } = require('node:module')
const { join, sep } = require('node:path')
const { compileFunction, constants } = require('node:vm')
const Runtime = require('jest-runtime').default

const ROOT = join(__dirname, '../..')
const SHARED = ['server', 'node_modules'].map((folder) => join(ROOT, folder) + sep)
/** What a test replaces a part of (`jest.mock`), or what hangs its own hooks into a file as it is read: it is the test file's own. */
const OWN = /node_modules\/(alipay-sdk\/|urllib\/|@testing-library\/react\/dist\/index\.js)/
/** Where what was translated for this worker came from: of every file that it ran. */
const sourceMaps = new Map()
let current

/**
 * Once anybody has run something in a storage for asynchronous work, every promise of the worker asks for it, which makes an `await` four
 * times as dear. Those that were used are put away after a file; they come back when they are used.
 */
const used = new Set()
const { run } = hooks.AsyncLocalStorage.prototype
hooks.AsyncLocalStorage.prototype.run = function (...told) {
  used.add(this)
  return run.apply(this, told)
}

/** jest's runner keeps in one which test it is at. Tests of a file come one after the other here, so that a name is as good. */
class AtOnce {
  run(store, work) {
    const before = this.store
    const back = () => {
      this.store = before
    }
    this.store = store
    let result
    try {
      result = work()
    } catch (error) {
      back()
      throw error
    }
    if (typeof result?.then !== 'function') back()
    else result.then(back, back)
    return result
  }

  getStore() {
    return this.store
  }
}
const hooksOfFile = { ...hooks, AsyncLocalStorage: AtOnce }

/** What the product itself counts for a process, it counts for a test file. */
const counts = join(ROOT, 'server/sight/registry.ts')

/** jest's runtime, to which the product and the packages are what node itself loaded for this worker; see environment.cjs. */
module.exports = class extends Runtime {
  constructor(...told) {
    super(...told)
    current = this
    for (const storage of used) storage.disable()
    used.clear()
    require.cache[counts]?.exports.registry.resetMetrics()
    for (const [file, map] of sourceMaps) this.getSourceMaps().set(file, map)
    const { executor } = this
    executor.compile = (source, filename) =>
      compileFunction(source, executor.injectedModuleParameters, {
        filename,
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      })
  }

  requireModule(from, name, options, isActual) {
    if (name === undefined) return super.requireModule(from, name, options, isActual)
    if (options?.isInternalModule) return requireOfJest(from, name)
    if (this._resolution.isCoreModule(name)) return require(name)
    const file = this._resolution.resolveCjsStub(from, name) ?? this._resolution.resolveCjs(from, name)
    if (SHARED.some((folder) => file.startsWith(folder)) && !OWN.test(file)) return require(file)
    return super.requireModule(from, name, options, isActual)
  }
}

/** Of jest itself only its runner, which keeps a file's tests, is the file's own. */
function requireOfJest(from, name) {
  return /^(node:)?async_hooks$/.test(name) ? hooksOfFile : createRequire(from)(name)
}

require.extensions['.ts'] = (module, file) => {
  const { transformCache } = current
  module._compile(transformCache.transform(file), file)
  sourceMaps.set(file, transformCache.getSourceMaps().get(file))
}

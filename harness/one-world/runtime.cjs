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

/** jest's runner is read for every file, and a storage that is never put away is asked of every promise from then on. */
const storages = []
const hooksOfFile = {
  ...hooks,
  AsyncLocalStorage: class extends hooks.AsyncLocalStorage {
    constructor(...told) {
      super(...told)
      storages.push(this)
    }
  },
}

/** What the product itself counts for a process, it counts for a test file. */
const counts = join(ROOT, 'server/sight/registry.ts')

/** jest's runtime, to which the product and the packages are what node itself loaded for this worker; see environment.cjs. */
module.exports = class extends Runtime {
  constructor(...told) {
    super(...told)
    current = this
    for (const storage of storages.splice(0)) storage.disable()
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

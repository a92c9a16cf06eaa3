const { join, sep } = require('node:path')
const { compileFunction, constants } = require('node:vm')
const Runtime = require('jest-runtime').default

const ROOT = join(__dirname, '../..')
const SHARED = ['server', 'node_modules'].map((folder) => join(ROOT, folder) + sep)
/** What a test replaces a part of (`jest.mock`): it is the test file's own. */
const MOCKED = /node_modules\/(alipay-sdk|urllib)\//
/** Where what was translated for this worker came from: of every file that it ran. */
const sourceMaps = new Map()
let current

/** What the product itself counts for a process, it counts for a test file. */
const counts = join(ROOT, 'server/sight/registry.ts')

/** jest's runtime, to which the product and the packages are what node itself loaded for this worker; see environment.cjs. */
module.exports = class extends Runtime {
  constructor(...told) {
    super(...told)
    current = this
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
    if (options?.isInternalModule || name === undefined) return super.requireModule(from, name, options, isActual)
    if (this._resolution.isCoreModule(name)) return require(name)
    const file = this._resolution.resolveCjsStub(from, name) ?? this._resolution.resolveCjs(from, name)
    if (SHARED.some((folder) => file.startsWith(folder)) && !MOCKED.test(file)) return require(file)
    return super.requireModule(from, name, options, isActual)
  }
}

require.extensions['.ts'] = (module, file) => {
  const { transformCache } = current
  module._compile(transformCache.transform(file), file)
  sourceMaps.set(file, transformCache.getSourceMaps().get(file))
}

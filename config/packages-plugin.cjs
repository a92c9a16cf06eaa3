const { writeFileSync } = require('node:fs')
const { sep } = require('node:path')

/**
 * Writes down which packages' code is in the built pages, by their folders: `scripts/build-pages.ts` makes the bill of materials and
 * the list of licences of them. What webpack puts in of its own is webpack's.
 */
const RUNTIME = 'node_modules/webpack'

module.exports = class PackagesPlugin {
  constructor(file) {
    this.file = file
  }

  apply(compiler) {
    compiler.hooks.done.tap('packages', ({ compilation }) => {
      if (compilation.errors.length > 0) return
      const folders = new Set([RUNTIME])
      for (const module of compilation.modules) {
        // looked at and left out
        if (compilation.chunkGraph.getNumberOfModuleChunks(module) === 0) continue
        // several that webpack has joined are one module with all of theirs inside
        for (const { resource } of [module, ...(module.modules ?? [])]) {
          const folder = resource && folderOf(resource.split(sep).join('/'))
          if (folder) folders.add(folder)
        }
      }
      writeFileSync(this.file, JSON.stringify([...folders].sort()))
    })
  }
}

/** `…/node_modules/a/node_modules/@b/c/d.js` → `node_modules/a/node_modules/@b/c`, as the lock has it; undefined for a file of ours. */
function folderOf(path) {
  return /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
}

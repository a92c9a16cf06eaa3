// Lets a process of a test run from TypeScript: `node --require harness/typescript-hook.cjs file.ts`. tsx does that, too, and takes
// 0.6 s of processor for each process; a test run starts some two hundred. What was translated is kept beside node_modules, and so is
// what V8 made of it and of others' packages (compiled.cjs). The programs that are started most are one file each (bundles.ts).

const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { isMainThread } = require('node:worker_threads')
const { bundled } = require('./bundled.cjs')
const { keepCompiled } = require('./compiled.cjs')

const CACHE = join(__dirname, '../node_modules/.cache/fapai/js')
const OPTIONS = {
  sourceMaps: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  // A package of ECMAScript modules is imported by `import()`, which must stay one.
  module: { type: 'commonjs', ignoreDynamic: true },
}
const SALT = JSON.stringify([OPTIONS, require('@swc/core/package.json').version])

function translated(file) {
  const source = readFileSync(file, 'utf8')
  const kept = join(CACHE, `${createHash('sha256').update(SALT).update(source).digest('hex')}.js`)
  try {
    return readFileSync(kept, 'utf8')
  } catch {
    const { code } = require('@swc/core').transformSync(source, { ...OPTIONS, filename: file, swcrc: false })
    mkdirSync(CACHE, { recursive: true })
    // Others read while we write.
    const own = `${kept}.${process.pid}`
    writeFileSync(own, code)
    renameSync(own, kept)
    return code
  }
}

if (process.env.NODE_ENV === 'test') require('./quick-wasm.cjs')
keepCompiled()

/** What a process or thread begins with; whoever else loads such a file wants the modules that it has itself. */
const begins = (module) => process.mainModule === module || !isMainThread

require.extensions['.ts'] = (module, file) =>
  module._compile((begins(module) && bundled(file)) || translated(file), file)

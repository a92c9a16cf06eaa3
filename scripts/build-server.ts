import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readLock, runtimeFolders, writeBill } from './sbom'

/**
 * Compiles the server and its commands to <out>/server and <out>/scripts as CommonJS, which need none of our development
 * packages, with the Lua scripts beside the code that loads them; <out>/fapai runs them, <out>/sbom says what of others' goes with it.
 */
const ROOT = resolve(__dirname, '..')

/** First of all whether this Node can run the rest. */
const FAPAI = `#!/usr/bin/env node
require('./scripts/node-version.cjs')
require('./scripts/fapai.js')
`

/**
 * `how`: told to tsc as well, e.g. `--noCheck` where types were checked before.
 * @throws LicenceRefused where a package may not be shipped, and of a build that failed
 */
export function buildServer(out = join(ROOT, 'dist'), how: readonly string[] = []): void {
  for (const one of ['server', 'scripts']) rmSync(join(out, one), { recursive: true, force: true })
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '-p', 'tsconfig.server.json', '--outDir', out, ...how]
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  cpSync(join(ROOT, 'server'), join(out, 'server'), {
    recursive: true,
    filter: (path) => !/\.[a-z]+$/.test(path) || path.endsWith('.lua'),
  })
  cpSync(join(ROOT, 'scripts', 'node-version.cjs'), join(out, 'scripts', 'node-version.cjs'))
  writeFileSync(join(out, 'fapai'), FAPAI)
  chmodSync(join(out, 'fapai'), 0o755)
  writeBill(ROOT, 'server', runtimeFolders(readLock(ROOT)), join(out, 'sbom'))
}

if (require.main === module) {
  buildServer()
  console.log('dist is ready: dist/fapai start, and dist/fapai --help')
}

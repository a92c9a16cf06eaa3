import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Compiles the server to dist/server as CommonJS, with the Lua scripts beside the code that loads them. */
const ROOT = resolve(__dirname, '..')
const OUT = join(ROOT, 'dist', 'server')

rmSync(OUT, { recursive: true, force: true })
execFileSync(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.server.json'], {
  cwd: ROOT,
  stdio: 'inherit',
})
cpSync(join(ROOT, 'server'), OUT, {
  recursive: true,
  filter: (path) => !/\.[a-z]+$/.test(path) || path.endsWith('.lua'),
})
console.log('dist/server is ready: node dist/server/main.js')

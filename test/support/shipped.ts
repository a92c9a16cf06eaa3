import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildServer } from '../../scripts/build-server'
import { readLock, runtimeFolders } from '../../scripts/sbom'

/** What is shipped, and nothing else: the compiled server and its commands beside the packages that they run with, as in the image. */

const ROOT = resolve(__dirname, '../..')

export interface Shipped {
  /** of the installation; above it no package is found either */
  folder: string
  /** dist/fapai, as it is called by its path */
  program: string
  /** Runs a command to its end, by the Node of the PATH. */
  run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended>
  remove(): void
}

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export function ship(): Shipped {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-shipped-'))
  // Types are checked by the first step of `npm test`.
  buildServer(join(folder, 'dist'), ['--noCheck'])
  for (const name of ['package.json', ...runtimeFolders(readLock(ROOT))]) copied(name, folder)
  const program = join(folder, 'dist', 'fapai')
  return {
    folder,
    program,
    run: (args, env) =>
      new Promise((done) => {
        execFile(
          program,
          [...args],
          { cwd: folder, env: { PATH: process.env.PATH, ...env } },
          (error, stdout, stderr) =>
            done({ code: error ? (typeof error.code === 'number' ? error.code : null) : 0, stdout, stderr }),
        )
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A package in another's folder comes with that one, and is there by then: it is copied over itself. */
function copied(name: string, folder: string): void {
  const nested = `${join(ROOT, name)}/node_modules`
  cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: (path) => path !== nested })
}

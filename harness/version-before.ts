import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The sources of a version before this one, from git's history, beside this one's packages. */

const HERE = join(__dirname, '..')
const MIGRATIONS = 'server/store/sql/migrations'

export interface VersionBefore {
  commit: string
  /** the day on which it was made, and its first line */
  said: string
  folder: string
  /** steps of the schema that this version has and it hasn't */
  since: string[]
  remove(): void
}

export type Sought = { commit: string } | { missing: string }

/** The commit that is asked for, or the newest whose schema is another than this one's. */
export function commitBefore(asked = process.env.BEFORE): Sought {
  const git = (...args: string[]) => spawnSync('git', ['-C', HERE, ...args], { encoding: 'utf8' })
  const said = (...args: string[]) => {
    const { status, stdout } = git(...args)
    return status === 0 ? stdout.trim() : ''
  }
  const missing = (why: string): Sought => ({ missing: `skipped: two versions (${why})` })
  // A copy of the sources may lie within another repository.
  if (said('rev-parse', '--show-prefix') !== '' || said('rev-parse', 'HEAD') === '')
    return missing('no git history of its own here')
  if (asked) {
    const commit = said('rev-parse', '--verify', '--quiet', `${asked}^{commit}`)
    return commit ? { commit } : missing(`BEFORE=${asked} is no commit in this history`)
  }
  if (said('status', '--porcelain', '--', MIGRATIONS) !== '') return { commit: said('rev-parse', 'HEAD') }
  const added = said('log', '-1', '--diff-filter=A', '--format=%H', '--', MIGRATIONS)
  const commit = added && said('rev-parse', '--verify', '--quiet', `${added}^`)
  return commit ? { commit } : missing('this history is too short for a version with another schema')
}

export function versionBefore(commit: string): VersionBefore {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-before-'))
  const archive = execFileSync('git', ['-C', HERE, 'archive', '--format=tar', commit], { maxBuffer: 1 << 30 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  symlinkSync(join(HERE, 'node_modules'), join(folder, 'node_modules'))
  const names = (of: string) => readdirSync(join(of, MIGRATIONS)).filter((name) => /^\d{4}-/.test(name))
  const known = new Set(names(folder))
  return {
    commit,
    folder,
    said: execFileSync('git', ['-C', HERE, 'log', '-1', '--format=%h of %as: %s', commit], { encoding: 'utf8' }).trim(),
    since: names(HERE)
      .filter((name) => !known.has(name))
      .map((name) => name.replace(/\.ts$/, '')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

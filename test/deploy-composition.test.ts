import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { composition, DEPLOY } from './support/compose'

/** What the composition keeps to itself, and what becomes of it when nobody looks. */

const ROOT = resolve(__dirname, '..')
const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
const { services, secrets } = composition

/** Whether a file of names, as git and Docker read them, leaves this one out: by its own name or by a folder's that it is in. */
const isLeftOut = (names: string, path: string) =>
  names
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/\/$/, ''))
    .some((name) => path === name || path.startsWith(`${name}/`))

describe('the composition’s secrets', () => {
  const mounted = Object.values(services)
    .flatMap(({ volumes = [] }) => volumes)
    .map((volume) => volume.split(':')[0]!)
  const tls = mounted.filter((path) => path.includes('tls'))
  const hidden = [...Object.values(secrets).map(({ file }) => file), ...tls.map((path) => `${path}/pay.bank.example.key`)]
  const paths = hidden.map((path) => join('deploy', path))

  it.each(['.gitignore', 'deploy/Dockerfile.dockerignore'])('%s leaves out each of them, and the keys of TLS', (file) => {
    expect([paths.length, tls]).toEqual([Object.keys(secrets).length + 1, ['./tls']])
    expect(paths.filter((path) => !isLeftOut(read(ROOT, file), path))).toEqual([])
  })

  it('the image is made without what is filled in for one house', () => {
    const names = read(DEPLOY, 'Dockerfile.dockerignore')
    for (const path of ['deploy/fapai.env', 'deploy/kubernetes/overlays/bank/secrets/master-key'])
      expect({ path, leftOut: isLeftOut(names, path) }).toEqual({ path, leftOut: true })
    for (const path of ['server/main.ts', 'src/app.ts', 'deploying.ts'])
      expect({ path, leftOut: isLeftOut(names, path) }).toEqual({ path, leftOut: false })
  })

  const missing = postgresMissing() ?? (spawnSync('psql', ['--version']).error ? 'skipped: psql (no psql)' : undefined)
  if (missing) console.warn(missing)
  ;(missing ? it.skip : it)('the role of BFFs has the password of its file, which stands in no arguments', async () => {
    // What would end a statement, a line of psql's or an argument, if anything read it twice.
    const password = `it's "a" \\ :'word' $HOME \`pwd\` ; --`
    const folder = mkdtempSync(join(tmpdir(), 'fapai-roles-'))
    const engine = await startOwnPostgres()
    try {
      const sql = await engine.fresh()
      const { host, database } = engine.connection()
      const psql = execFileSync('sh', ['-c', 'command -v psql'], { encoding: 'utf8' }).trim()
      writeFileSync(join(folder, 'psql'), `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/said"\nexec ${psql} "$@"\n`)
      chmodSync(join(folder, 'psql'), 0o755)
      const script = read(DEPLOY, 'postgres/roles.sh').replaceAll('/run/secrets/', `${folder}/`)
      expect(script).not.toContain('/run/secrets')
      const env = {
        ...{ PATH: `${folder}:${process.env.PATH}`, HOME: folder, PGHOST: host },
        ...{ POSTGRES_USER: 'postgres', POSTGRES_DB: database },
      }
      const run = () => promisify(execFile)('sh', ['-c', script], { env })
      await expect(run()).rejects.toMatchObject({ stderr: expect.stringContaining('no password can be read from it') })
      writeFileSync(join(folder, 'app-password'), `${password}\n`)
      await run()
      expect(read(folder, 'said').split('\n')).toEqual(['-v', 'ON_ERROR_STOP=1', '-U', 'postgres', '-d', database, ''])
      const { rows } = await sql.pool.query(`select rolpassword as kept from pg_authid where rolname = 'ledger_app'`)
      expect(rows.map(({ kept }) => isOf(kept, password))).toEqual([true])
      expect(isOf(rows[0].kept, `${password}\n`)).toBe(false)
    } finally {
      await engine.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the composition on a machine that is restarted, and runs for years', () => {
  it('each service but the migration comes back by itself, and none’s log fills the disk', () => {
    const MB = 1024 ** 2
    for (const [name, { restart, logging }] of Object.entries(services)) {
      expect({ name, restart }).toEqual({ name, restart: name === 'migrate' ? 'no' : 'unless-stopped' })
      const { driver, options = {} } = logging ?? {}
      const [, size = Infinity] = /^(\d+)m$/.exec(options['max-size'] ?? '') ?? []
      const bytes = Number(size) * MB * Number(options['max-file'] ?? Infinity)
      expect({ name, driver, bounded: bytes <= 200 * MB }).toEqual({ name, driver: 'json-file', bounded: true })
    }
  })

  it('nginx logs to the file that its image has for standard output, and nowhere else', () => {
    const conf = read(DEPLOY, 'nginx/fapai.conf')
    const logs = [...conf.matchAll(/^\s*access_log (\S+)/gm)].map(([, path]) => path)
    expect(logs).toEqual(['/var/log/nginx/access.log', '/var/log/nginx/access.log'])
    expect(conf.match(/^server \{/gm)).toHaveLength(logs.length)
    expect(conf).not.toContain('error_log')
  })
})

/** Whether this is what PostgreSQL keeps of a password (RFC 5803): `SCRAM-SHA-256$<turns>:<salt>$<stored key>:<server key>`. */
function isOf(kept: string, password: string): boolean {
  const [, turns, salt, storedKey] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(kept)!
  const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(turns), 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  return createHash('sha256').update(clientKey).digest('base64') === storedKey
}

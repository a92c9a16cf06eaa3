import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { nginxMissing, prepareNginx } from '../harness/nginx'
import { HELP } from '../scripts/help'
import { KEYS, SECRETS } from '../server/config/secrets'
import { composition, DEPLOY } from './support/compose'

const ROOT = resolve(__dirname, '..')
const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
const has = (program: string) => spawnSync(program, ['--version']).error === undefined
/** Of what the composition lists or maps. */
const namesIn = (some: readonly string[] | object = []) => (Array.isArray(some) ? some : Object.keys(some))
const command = (text: string) => expect(Object.keys(HELP)).toContain(text)

/** Where something isn't installed, what it would have said isn't known. */
function where(missing: string | undefined) {
  if (missing) console.warn(missing)
  return missing ? it.skip : it
}

const OPERATIONS = read(ROOT, 'docs/OPERATIONS.md')
/** Variables that the product reads, by its own page; a secret's may be a file's name. */
const isKnown = (name: string) =>
  ['NODE_ENV'].includes(name) || OPERATIONS.includes(`\`${name.replace(/_(FILE|COMMAND)$/, '')}\``)

describe('what it is shipped with', () => {
  it('the image: what is copied into it is there, it isn’t root’s, says how it is, and ends when it is told', () => {
    const text = read(DEPLOY, 'Dockerfile')
    const ignored = read(DEPLOY, 'Dockerfile.dockerignore').split('\n')
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from]) => from!.split(' '))
    expect(copied).toContain('package-lock.json')
    for (const path of copied) {
      expect({ path, there: existsSync(join(ROOT, path)) }).toEqual({ path, there: true })
      expect(ignored).not.toContain(path)
    }
    for (const [, path] of text.matchAll(/^COPY --from=build \/fapai\/(package.json) \/fapai\/LICENSE/gm))
      expect(existsSync(join(ROOT, path!))).toBe(true)
    expect(read(ROOT, 'LICENSE')).toContain('Apache License')
    const scripts = JSON.parse(read(ROOT, 'package.json')).scripts
    for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script!])
    // A few tests run on the Node that it has, whatever all others run on.
    expect(/^ARG NODE=node:(\d+)-/m.exec(text)![1]).toBe(/^newer=(\d+)$/m.exec(read(ROOT, '.ci/run'))![1])
    expect(text).toMatch(/^USER 10001:10001$/m)
    expect(text).toMatch(/^HEALTHCHECK .*\n.*\/healthz/m)
    expect(text).toMatch(/^STOPSIGNAL SIGTERM$/m)
    command(/^CMD \["(\w+)"\]$/m.exec(text)![1]!)
    const variables = [...text.matchAll(/\b([A-Z][A-Z0-9_]+)=/g)].map(([, name]) => name!)
    expect(variables.filter((name) => !['NODE', 'BEFORE'].includes(name) && !isKnown(name))).toEqual([])
  })

  it('the composition: names nothing that isn’t there, gives nobody a secret by the environment, and migrates first', () => {
    const { services, secrets, volumes, networks } = composition
    expect(Object.keys(services).sort()).toEqual(['bff-1', 'bff-2', 'migrate', 'nginx', 'postgres', 'redis', 'tool'])
    for (const [name, one] of Object.entries(services)) {
      for (const secret of one.secrets ?? []) expect(secrets).toHaveProperty([secret])
      for (const network of namesIn(one.networks)) expect(networks).toHaveProperty([network])
      for (const volume of one.volumes ?? []) {
        const [from] = volume.split(':')
        if (/^\.\/(nginx|postgres)/.test(from!)) expect(existsSync(join(DEPLOY, from!))).toBe(true)
        else if (!from!.startsWith('.')) expect(volumes).toHaveProperty([from!])
      }
      for (const other of namesIn(one.depends_on)) expect(services).toHaveProperty([other])
      if (one.image !== 'fapai') continue
      expect(Object.keys(one.environment!).filter((variable) => !isKnown(variable))).toEqual([])
      for (const [variable, value] of Object.entries(one.environment!))
        if (/SECRET|KEY|_URL/.test(variable)) expect(value).toMatch(/^\/run\/secrets\//)
      if (name === 'migrate') {
        command(one.command![0]!)
        // Whoever may change the schema serves nobody.
        expect(one.environment!.DATABASE_URL_FILE).not.toBe(services['bff-1']!.environment!.DATABASE_URL_FILE)
      } else if (name !== 'tool') expect(one.depends_on).toHaveProperty('migrate')
    }
  })

  it('the composition’s tool goes by the BFFs’ role and beside them, starts with nothing else, and changes no schema', () => {
    const { tool, 'bff-1': bff, migrate } = composition.services
    expect(tool!.profiles).toEqual(['tool'])
    expect([tool!.environment, tool!.secrets]).toEqual([bff!.environment, bff!.secrets])
    expect(Object.keys(tool!.depends_on!)).toEqual(['postgres', 'redis'])
    const own = (volumes: readonly string[] = []) => volumes.filter((one) => !one.endsWith(':ro'))
    expect(own(tool!.volumes).filter((one) => own(bff!.volumes).includes(one))).toEqual([])
    // By the page, each command that a person runs is one of the two services', by the role that it takes.
    const lines = [
      ...OPERATIONS.matchAll(/^docker compose -f deploy\/compose\.yaml run --rm (?:-v \S+ )?(\w+) (.*)$/gm),
    ]
    const run = lines.map(([, service, words]) => ({ service, name: words!.split(' ')[0]! }))
    for (const { name } of run) command(name)
    const owners = ['migrate', 'archive']
    for (const { service, name } of run)
      expect({ name, service }).toEqual({ name, service: owners.includes(name) ? 'migrate' : 'tool' })
    expect(new Set(run.map(({ name }) => name))).toEqual(
      new Set(['migrate', 'archive', 'operator', 'audit', 'reconcile', 'deal']),
    )
    expect(migrate!.environment!.DATABASE_URL_FILE).toBe('/run/secrets/owner-database-url')
  })

  it('the image keeps the pages of the one before it, and is made without one as well', () => {
    const text = read(DEPLOY, 'Dockerfile')
    const stages = [...text.matchAll(/^FROM (\S+)(?: AS (\w+))?$/gm)].map(([, from, name]) => [from, name])
    expect(stages).toEqual([
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is Docker's
      ['${NODE}', 'none'],
      ['${BEFORE}', 'before'],
      ['${NODE}', 'build'],
      ['${NODE}', undefined],
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is Docker's
    ])
    expect(/^ARG BEFORE=(\w+)$/m.exec(text)![1]).toBe('none')
    // Where the one before has its pages, this one has them as well.
    const [, from, to] = /^COPY --from=before (\S+) (\S+)$/m.exec(text)!
    const workdir = text
      .match(/^WORKDIR (\S+)$/gm)!
      .at(-1)!
      .replace('WORKDIR ', '')
    expect(/H5_DIR=(\S+)/.exec(text)![1]!.split(':')).toEqual([from, join(workdir, to!)])
    expect(text).toContain(`RUN mkdir -p ${from}`)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Compose's
    expect(composition.services['bff-1']!.build!.args).toEqual({ BEFORE: '${BEFORE:-none}' })
  })

  it('the page lists every secret, and what looks like one among its variables is in the table of them', () => {
    const [, list] = /^\*\*Secrets\*\* \(([^)]*)\) come from files/m.exec(OPERATIONS)!
    expect([...list!.matchAll(/`(\w+)`/g)].map(([, name]) => name!).sort()).toEqual([...KEYS].sort())
    const [table] = /^\| variable \| default[\s\S]*?\n\n/m.exec(OPERATIONS)!
    const names = table!
      .split('\n')
      .flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`(\w+)`/g)].map(([, one]) => one!))
    expect(names.length).toBeGreaterThan(100)
    for (const name of SECRETS) expect(names).toContain(name)
    const looksSecret = (name: string) => /(KEY|SECRET|PASSWORD|TOKEN)$/.test(name) && !/PUBLIC_KEY$/.test(name)
    expect(names.filter((name) => looksSecret(name) && !(SECRETS as string[]).includes(name)).sort()).toEqual([
      // the name of a key at the service, and the password that production refuses
      'KMS_KEY',
      'SANDBOX_PASSWORD',
    ])
  })

  it('no page gives a command the URL of a store in the environment, where the samples have it in a file: both together are refused', () => {
    const pages = ['README.md', 'README.zh-CN.md', ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`)]
    const set = pages
      .filter((page) => page.endsWith('.md'))
      .flatMap((page) =>
        [...read(ROOT, page).matchAll(/\b(?:DATABASE|REDIS)_URL=\S+ .*\bfapai\b.*/g)].map(([line]) => line),
      )
    expect(set).toEqual([])
    expect(OPERATIONS.match(/^DATABASE_URL_FILE=\S+ fapai migrate /gm)).toHaveLength(2)
  })

  it('the page’s line for a command beside the units gives it the files that are lent, and all its words', () => {
    const [, line] = /```sh\n(systemd-run [^`]*)```/.exec(OPERATIONS)!
    const folder = mkdtempSync(join(tmpdir(), 'fapai-by-hand-'))
    const program = (name: string, text: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    // As the manual of systemd has it: properties, then a command, which has the folders of its files and of its state.
    program(
      'systemd-run',
      `lent=; while [ "\${1#-}" != "$1" ]; do case $1 in -p) lent="$lent $2"; shift 2;; *) shift;; esac; done
export CREDENTIALS_DIRECTORY=${folder} STATE_DIRECTORY=/var/lib/state; echo "$lent"; exec "$@"`,
    )
    program('fapai', 'env; for word; do echo "word $word"; done')
    const text = line!.replace('/opt/fapai/dist/fapai', join(folder, 'fapai')).replace('--grant', "--grant 'a b'")
    const env = { PATH: `${folder}:${process.env.PATH}` }
    const said = execFileSync('sh', ['-c', text], { env, encoding: 'utf8' }).split('\n')
    rmSync(folder, { recursive: true, force: true })
    const unit = read(DEPLOY, 'systemd/fapai@.service')
    const lent = said[0]!.split(' ')
    expect(lent).toContain(/^LoadCredential=.*$/m.exec(unit)![0])
    for (const file of unit.match(/^EnvironmentFile=.*$/gm)!) expect(lent).toContain(file.replace('%i', '1'))
    expect(said).toEqual(
      expect.arrayContaining([
        'NODE_ENV=production',
        'DATA_DIR=/var/lib/state',
        `MASTER_KEY_FILE=${folder}/master-key`,
        `DATABASE_URL_FILE=${folder}/owner-database-url`,
      ]),
    )
    expect(said.filter((one) => one.startsWith('word '))).toEqual(
      ['migrate', '--grant', 'a b', 'ledger_app'].map((word) => `word ${word}`),
    )
  })

  it('the sample of an environment: variables that there are, and no secret in it', () => {
    const lines = read(DEPLOY, 'fapai.env').split('\n')
    const pairs = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('='))
    expect(pairs.map(([name]) => name!).filter((name) => !isKnown(name))).toEqual([])
    for (const [name, value] of pairs) if (/PRIVATE|SECRET|MASTER/.test(name!)) expect(value).toMatch(/^\//)
  })

  where(nginxMissing())('nginx finds nothing wrong with its sample', async () => {
    const { faults, remove } = await prepareNginx(['127.0.0.1:8787', '127.0.0.1:8788'])
    expect(faults()).toBe('')
    remove()
  })

  where(has('caddy') ? undefined : 'skipped: Caddy (no caddy)')('Caddy finds nothing wrong with its sample', () => {
    execFileSync('caddy', ['validate', '--config', join(DEPLOY, 'caddy/Caddyfile'), '--adapter', 'caddyfile'])
  })

  const units = readdirSync(join(DEPLOY, 'systemd'))
  it.each(units)('%s runs a command that there is, with variables that there are', (unit) => {
    const text = read(DEPLOY, 'systemd', unit)
    for (const [, name] of text.matchAll(/^ExecStart=\/opt\/fapai\/dist\/fapai (\S+)/gm)) command(name!)
    const variables = [...text.matchAll(/^Environment=([A-Z_]+)=/gm)].map(([, name]) => name!)
    expect(variables.filter((name) => !isKnown(name))).toEqual([])
    if (unit.endsWith('.timer')) expect(units).toContain(unit.replace('.timer', '.service'))
  })

  where(has('timeout') ? undefined : 'skipped: a restart of units (no timeout)')(
    'the line that restarts both BFFs leaves the second alone when the first isn’t ready again',
    () => {
      const [, line] = /^# +(systemctl restart fapai@1 .*)$/m.exec(read(DEPLOY, 'systemd/fapai@.service'))!
      // By -f the 503 of one that isn't ready is a failure.
      expect(line).toMatch(/&& timeout \d+ sh -c 'until curl -f\w* \/dev\/null http:\/\/127\.0\.0\.1:\d+\/readyz;/)
      expect(line!.match(/systemctl restart fapai@\d/g)).toEqual([
        'systemctl restart fapai@1',
        'systemctl restart fapai@2',
      ])
      const folder = mkdtempSync(join(tmpdir(), 'fapai-restart-'))
      const program = (name: string, text: string) =>
        writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
      const run = (curl: string) => {
        rmSync(join(folder, 'done'), { force: true })
        program('curl', `echo "asks \${3##*/}" >> ${folder}/done; ${curl}`)
        // It waits for no longer than this test does.
        const { status } = spawnSync('sh', ['-c', line!.replace(/timeout \d+/, 'timeout 1')], {
          env: { PATH: `${folder}:${process.env.PATH}` },
        })
        return { status, did: [...new Set(read(folder, 'done').trim().split('\n'))] }
      }
      program('systemctl', `echo "$@" >> ${folder}/done`)
      program('sleep', 'exec /bin/sleep 0.1')
      expect(run('exit 0')).toEqual({ status: 0, did: ['restart fapai@1', 'asks readyz', 'restart fapai@2'] })
      expect(run('exit 22')).toEqual({ status: 124, did: ['restart fapai@1', 'asks readyz'] })
      rmSync(folder, { recursive: true, force: true })
    },
  )

  where(has('systemd-analyze') ? undefined : 'skipped: systemd (no systemd-analyze)')(
    'systemd finds nothing wrong with its units',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'fapai-units-'))
      for (const unit of units) {
        const text = read(DEPLOY, 'systemd', unit)
        // Not installed here; and a template wants an instance.
        writeFileSync(join(folder, unit), text.replaceAll('/opt/fapai/dist/fapai', process.execPath))
      }
      const paths = units.map((unit) => join(folder, unit.replace('@.', '@1.')))
      writeFileSync(join(folder, 'fapai@1.service'), read(folder, 'fapai@.service'))
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], { encoding: 'utf8' })
      rmSync(folder, { recursive: true, force: true })
      // What it says of the machine's own units is none of ours.
      expect({ status, said: stderr.split('\n').filter((line) => line.includes('fapai')) }).toEqual({
        status: 0,
        said: [],
      })
    },
  )

  it('the Node that is asked for is the same wherever it is said', () => {
    const { engines } = JSON.parse(read(ROOT, 'package.json'))
    const [, major, minor] = /LEAST = \[(\d+), (\d+)\]/.exec(read(ROOT, 'scripts/node-version.cjs'))!
    expect(engines.node).toBe(`>=${major}.${minor}`)
    expect(Number(/node:(\d+)/.exec(read(DEPLOY, 'Dockerfile'))![1])).toBeGreaterThanOrEqual(Number(major))
  })

  it('the lock is of the packages that are asked for, and npm’s own checks of it are a part of CI', () => {
    const { dependencies, devDependencies, optionalDependencies, engines } = JSON.parse(read(ROOT, 'package.json'))
    const [locked] = Object.values<object>(JSON.parse(read(ROOT, 'package-lock.json')).packages)
    expect(locked).toMatchObject({
      dependencies,
      devDependencies,
      ...(optionalDependencies && { optionalDependencies }),
      engines,
    })
    for (const said of ['cksum package-lock.json', 'ci --dry-run', 'npms=(10 11)'])
      expect(read(ROOT, '.ci/run')).toContain(said)
  })

  it('the licence is the same wherever it is said', () => {
    expect(JSON.parse(read(ROOT, 'package.json')).license).toBe('Apache-2.0')
    expect(JSON.parse(read(ROOT, 'package-lock.json')).packages[''].license).toBe('Apache-2.0')
  })
})

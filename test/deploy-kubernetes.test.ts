import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { HELP } from '../scripts/help'
import { generateBankKeys } from '../server/channel/bank/sign'
import { readConfig } from '../server/config'
import { KEYS } from '../server/config/secrets'
import {
  BASE,
  base,
  type Container,
  EXAMPLE,
  example,
  type Labels,
  type Manifest,
  manifests,
  manifestsIn,
  of,
  only,
  pod,
  SECRETS,
  templates,
} from './support/kubernetes'
import { productionFiles, randomKey } from './support/production'

/**
 * The manifests of deploy/kubernetes, held against each other and against what the product reads and listens to. They have been
 * applied to no cluster: what a cluster makes of them isn't shown here.
 */

const { load, loadAll } = require('js-yaml') as { load(text: string): unknown; loadAll(text: string): unknown[] }

const ROOT = resolve(__dirname, '..')
const read = (...path: string[]) => readFileSync(join(...path), 'utf8')

const CONTRACT = join(EXAMPLE, '../contract')
const COMPONENTS = ['bff', 'migrate', 'audit', 'prune']

const pairsOf = (text: string) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.match(/^([^=]+)=(.*)$/)!.slice(1) as [string, string]),
  )
/** What the image itself says. */
const [, OF_RUNTIME] = /^ENV ((?:.*\\\n)*.*)$/m.exec(read(ROOT, 'deploy/Dockerfile'))!
const OF_IMAGE = Object.fromEntries([...OF_RUNTIME!.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]))
/** The environment of a pod's process, a later one before an earlier one, as a cluster has it. */
const environmentOf = ({ env = [] }: Container): Record<string, string> => ({
  ...OF_IMAGE,
  ...pairsOf(read(BASE, 'fapai.env')),
  ...pairsOf(read(EXAMPLE, 'fapai.env')),
  ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
})

const SCHEMA = ['config.ts', ...readdirSync(join(ROOT, 'server/config')).map((file) => `config/${file}`)]
  .map((file) => read(ROOT, 'server', file))
  .join('\n')
const inSchema = (name: string) => new RegExp(`^\\s+${name}: `, 'm').test(SCHEMA)
const ofFile = (name: string) => /^(\w+)_FILE$/.exec(name)?.[1]
/** Whether server/config.ts reads it: by its own name, or as the file of a secret. */
const isRead = (name: string) =>
  inSchema(name) || [...KEYS, 'DATABASE_URL', 'REDIS_URL'].some((secret) => secret === ofFile(name))

const secrets = new Map(
  manifestsIn(EXAMPLE, SECRETS).map(({ metadata, stringData }) => [metadata.name, stringData!] as const),
)
/** Secret and key of a file in a pod; undefined where nothing is. */
function secretAt({ spec, container }: ReturnType<typeof pod>, path: string) {
  const mount = container.volumeMounts.find(({ mountPath }) => mountPath === dirname(path))
  const secret = spec.volumes.find(({ name }) => name === mount?.name)?.secret?.secretName
  const key = basename(path)
  return secret !== undefined && key in (secrets.get(secret) ?? {}) ? { secret, key } : undefined
}

/** The product's own reader, on a pod's environment, with secrets and the bank's placeholders filled in. */
function configOf(component: string) {
  const files = productionFiles()
  try {
    const bank = generateBankKeys()
    const database = 'postgres://ledger_app:secret@db.bank.example/fapai?sslmode=verify-full'
    const values: Record<string, string> = {
      DATABASE_URL: database,
      REDIS_URL: 'rediss://redis.bank.example',
      BANK_PRIVATE_KEY: bank.client.privateKey,
      WECHAT_SECRET: randomKey(16),
    }
    const env = environmentOf(pod(component).container)
    for (const name of Object.keys(env)) {
      const secret = ofFile(name)
      if (secret) env[name] = files.secret(secret, values[secret] ?? randomKey(), 0o440)
    }
    const own = { H5_DIR: files.h5Dir, BANK_PUBLIC_KEY: bank.bank.publicKey, WECHAT_APPID: 'wx3cbe919f36710d1c' }
    return readConfig({ ...env, ...own })
  } finally {
    rmSync(files.dir, { recursive: true, force: true })
  }
}

describe('Kubernetes', () => {
  it('each kustomization names exactly the files that are beside it', () => {
    for (const [folder, { resources, configMapGenerator }] of [
      [BASE, base],
      [EXAMPLE, example],
    ] as const) {
      const named = [
        ...resources.filter((path) => path !== '../../base'),
        ...configMapGenerator.flatMap((one) => one.envs),
      ]
      const others = folder === EXAMPLE ? ['kustomization.yaml', SECRETS] : ['kustomization.yaml']
      expect([...named, ...others].sort()).toEqual(readdirSync(folder).sort())
    }
    expect(resolve(EXAMPLE, example.resources[0]!)).toBe(BASE)
  })

  it('each manifest is of the version of its kind that is current, and has a name of its own', () => {
    const VERSIONS: Record<string, string> = {
      Namespace: 'v1',
      Service: 'v1',
      Deployment: 'apps/v1',
      Job: 'batch/v1',
      CronJob: 'batch/v1',
      Ingress: 'networking.k8s.io/v1',
      NetworkPolicy: 'networking.k8s.io/v1',
      PodDisruptionBudget: 'policy/v1',
    }
    for (const { kind, apiVersion } of manifests)
      expect({ kind, apiVersion }).toEqual({ kind, apiVersion: VERSIONS[kind] })
    expect(new Set(manifests.map(({ kind }) => kind))).toEqual(new Set(Object.keys(VERSIONS)))
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(templates).toHaveLength(COMPONENTS.length)
  })

  it.each(COMPONENTS)(
    '%s: every variable is one that the product reads, and production starts with them',
    (component) => {
      const { container } = pod(component)
      const names = Object.keys(environmentOf(container))
      expect(names).toContain('NODE_ENV')
      expect(names.filter((name) => !isRead(name))).toEqual([])
      expect(container.envFrom).toEqual([{ configMapRef: { name: base.configMapGenerator[0]!.name } }])
      expect(example.configMapGenerator).toMatchObject([{ name: 'fapai', behavior: 'merge' }])
      expect(configOf(component)).toMatchObject({ production: true, publicUrl: 'https://pay.bank.example' })
    },
  )

  it('a name that the product doesn’t read is found', () => {
    expect(['DATABASE_URI', 'BANK_URL_FILE', 'OPERATIONS_PORT', 'MASTER_KEY_FILES'].filter(isRead)).toEqual([])
    expect(['DATABASE_URL_FILE', 'BANK_CA_FILE', 'OPS_PORT', 'SHUTDOWN_MS'].filter(isRead)).toHaveLength(4)
  })

  it.each(COMPONENTS)('%s runs a command of fapai by the image of the composition', (component) => {
    const { container } = pod(component)
    const [name, ...options] = container.args
    expect(Object.keys(HELP)).toContain(name)
    const { services } = load(read(ROOT, 'deploy/compose.yaml')) as {
      services: Record<string, { image: string; command: string[] }>
    }
    expect(container.image).toBe(services['bff-1']!.image)
    expect(example.images).toMatchObject([{ name: container.image }])
    if (component === 'migrate') expect([name, ...options]).toEqual(services.migrate!.command)
    else expect(options).toEqual(component === 'prune' ? ['--pack', '--books'] : [])
  })

  it.each(COMPONENTS)('%s: nobody’s root, writes where it must alone, and may nothing', (component) => {
    const { spec, container } = pod(component)
    const [, user] = /^USER (\d+):\d+$/m.exec(read(ROOT, 'deploy/Dockerfile'))!
    expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user),
      fsGroup: Number(user),
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.resources).toMatchObject({ requests: {}, limits: { memory: expect.any(String) } })
    const mounted = container.volumeMounts.map(({ name }) => name).sort()
    expect(spec.volumes.map(({ name }) => name).sort()).toEqual(mounted)
    for (const { name, emptyDir, secret } of spec.volumes) {
      const { mountPath, readOnly } = container.volumeMounts.find((mount) => mount.name === name)!
      if (emptyDir) expect([OF_IMAGE.DATA_DIR, '/tmp']).toContain(mountPath)
      else expect({ readOnly, open: secret!.defaultMode & 0o337 }).toEqual({ readOnly: true, open: 0 })
    }
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain(OF_IMAGE.DATA_DIR)
  })

  it('secrets: each file is a key of one that is named, no value is in the repository, and the owner’s is the migration’s alone', () => {
    for (const component of COMPONENTS)
      for (const [name, path] of Object.entries(environmentOf(pod(component).container))) {
        if (!ofFile(name)) continue
        const owners = component === 'migrate' && name === 'DATABASE_URL_FILE'
        expect({ name, secret: secretAt(pod(component), path)?.secret }).toEqual({
          name,
          secret: owners ? 'fapai-owner' : 'fapai',
        })
      }
    for (const keys of secrets.values()) expect(new Set(Object.values(keys))).toEqual(new Set(['']))
    expect(of('Secret')).toEqual([])
    for (const name of ['bff', 'audit', 'prune'])
      expect(pod(name).spec.volumes.flatMap(({ secret }) => secret?.secretName ?? [])).toEqual(['fapai'])
    const given = { ...pairsOf(read(BASE, 'fapai.env')), ...pairsOf(read(EXAMPLE, 'fapai.env')) }
    const openly = [...KEYS, 'DATABASE_URL', 'REDIS_URL'].filter((name) => name in given)
    expect(openly).toEqual([])
  })

  it('ports, probes and the time to end are the product’s', () => {
    const { port, operations, host, shutdownMs } = configOf('bff')
    const { spec, container } = pod('bff')
    expect(container.ports).toEqual([
      { name: 'http', containerPort: port },
      { name: 'operations', containerPort: operations!.port },
    ])
    expect([host, operations!.host]).toEqual(['0.0.0.0', '0.0.0.0'])
    const routes = [...read(ROOT, 'server/http/routes/health.ts').matchAll(/router\.get\('([^']+)'/g)].map(
      ([, path]) => path,
    )
    const { startupProbe, readinessProbe, livenessProbe, lifecycle } = container
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'operations' })
    for (const { httpGet } of [startupProbe, livenessProbe])
      expect(httpGet).toEqual({ path: '/healthz', port: 'operations' })
    expect(routes).toEqual(expect.arrayContaining(['/readyz', '/healthz', '/metrics']))
    // A start waits a minute for its database (main/patience.ts).
    const [, patience] = /PATIENCE_MS = ([\d_]+)/.exec(read(ROOT, 'server/main/patience.ts'))!
    const startMs = startupProbe.periodSeconds * startupProbe.failureThreshold * 1_000
    expect(startMs).toBeGreaterThan(Number(patience!.replaceAll('_', '')) + 15_000)
    const [sleep, seconds] = lifecycle.preStop.exec.command
    expect(sleep).toBe('sleep')
    const leftMs = (spec.terminationGracePeriodSeconds - Number(seconds)) * 1_000 - shutdownMs
    expect(leftMs).toBeGreaterThanOrEqual(5_000)
  })

  it('selectors find the pods that they are for, and the two go one after the other', () => {
    const deployment = only('Deployment')
    const { labels } = pod('bff').metadata
    expect(deployment.spec.selector.matchLabels).toEqual(labels)
    for (const { labelSelector } of pod('bff').spec.topologySpreadConstraints)
      expect(labelSelector.matchLabels).toEqual(labels)
    for (const { spec } of of('Service')) expect(spec.selector).toEqual(labels)
    const budget = only('PodDisruptionBudget').spec
    expect(budget).toMatchObject({ minAvailable: 1, selector: { matchLabels: labels } })
    expect(deployment.spec).toMatchObject({
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    })
    expect(example.replicas[0]).toMatchObject({ name: deployment.metadata.name })
    expect(example.replicas[0]!.count).toBeGreaterThan(budget.minAvailable)
  })

  it('the payers’ port is the ingress’s, the other Prometheus’s, and all else nobody’s', () => {
    const { operations } = configOf('bff')
    const [payers, watchers] = of('Service')
    expect(payers!.spec).toMatchObject({ type: 'ClusterIP', ports: [{ targetPort: 'http' }] })
    expect(watchers!.spec).toMatchObject({
      clusterIP: 'None',
      ports: [{ port: operations!.port, targetPort: 'operations' }],
    })
    const [nobody, bff] = of('NetworkPolicy')
    for (const component of COMPONENTS)
      expect(pod(component).metadata.labels).toMatchObject(nobody!.spec.podSelector.matchLabels)
    expect(nobody!.spec).toMatchObject({ policyTypes: ['Ingress'], ingress: [] })
    expect(bff!.spec.podSelector.matchLabels).toEqual(pod('bff').metadata.labels)
    const rules = bff!.spec.ingress.map(({ from, ports }) => [
      from.map((peer) => peer.podSelector.matchLabels['app.kubernetes.io/name']),
      ports.map(({ port }) => port),
    ])
    expect(rules).toEqual([
      [['ingress-nginx'], ['http']],
      [['prometheus'], ['operations']],
    ])
    for (const { from } of bff!.spec.ingress)
      for (const { namespaceSelector } of from) expect(Object.keys(namespaceSelector.matchLabels)).toHaveLength(1)
  })

  it('the ingress has TLS, the host of PUBLIC_URL, and the times of the nginx sample', () => {
    const nginx = read(ROOT, 'deploy/nginx/fapai.conf')
    const { host } = new URL(pairsOf(read(EXAMPLE, 'fapai.env')).PUBLIC_URL!)
    expect(read(EXAMPLE, 'kustomization.yaml').match(/path: \/spec\S+, value: (\S+)/g)).toEqual([
      `path: /spec/rules/0/host, value: ${host}`,
      `path: /spec/tls/0/hosts/0, value: ${host}`,
    ])
    for (const { metadata, spec } of of('Ingress')) {
      expect(spec.tls[0]!.hosts).toEqual(spec.rules.map((rule) => rule.host))
      for (const { backend } of spec.rules[0]!.http.paths)
        expect(backend.service.name).toBe(of('Service')[0]!.metadata.name)
      for (const name of ['connect', 'read', 'send']) {
        const [, seconds] = new RegExp(`proxy_${name}_timeout (\\d+)s;`).exec(nginx)!
        expect(metadata.annotations).toHaveProperty([`nginx.ingress.kubernetes.io/proxy-${name}-timeout`], seconds)
      }
    }
    const [all, again] = of('Ingress')
    const [, size] = /client_max_body_size (\w+);/.exec(nginx)!
    expect(all!.metadata.annotations).toHaveProperty(['nginx.ingress.kubernetes.io/proxy-body-size'], size)
    const paths = again!.spec.rules[0]!.http.paths.map(({ path }) => path)
    expect(nginx).toContain(`^/api/(${paths.map((path) => path.replace('/api/', '')).join('|')})$`)
  })

  it('what is done by night is what systemd’s timers do, at their times, and the audit an hour before anything is packed', () => {
    const nightly = readdirSync(join(ROOT, 'deploy/systemd')).filter((file) => file.endsWith('.timer'))
    const jobs = nightly.map((file) => {
      const timer = read(ROOT, 'deploy/systemd', file)
      const [, hour, minute, timeZone] = /OnCalendar=\*-\*-\* (\d+):(\d+):00 (\S+)/.exec(timer)!
      const service = read(ROOT, 'deploy/systemd', file.replace('.timer', '.service'))
      const args = /^ExecStart=\S+\/fapai (.*)$/m.exec(service)![1]!.split(' ')
      return {
        name: file.slice(0, -'.timer'.length),
        schedule: `${Number(minute)} ${Number(hour)} * * *`,
        timeZone,
        args,
      }
    })
    const cron = of('CronJob').map(({ metadata: { name }, spec }) => {
      const { args } = pod(name.slice('fapai-'.length)).container
      return { name, schedule: spec.schedule, timeZone: spec.timeZone, args }
    })
    expect(cron).toEqual(jobs)
    expect(jobs.map(({ name, schedule }) => [name, schedule])).toEqual([
      ['fapai-audit', '30 4 * * *'],
      ['fapai-prune', '30 5 * * *'],
    ])
  })

  it('the configuration is before the migration, and the migration before all else', () => {
    const wave = ({ metadata }: Manifest) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0)
    const late = manifests.filter(({ kind }) => !['Namespace', 'Job'].includes(kind))
    const ofConfig = Number(/sync-wave: "(-\d)"/.exec(read(BASE, 'kustomization.yaml'))![1])
    expect([wave(only('Namespace')), ofConfig, wave(only('Job')), ...new Set(late.map(wave))]).toEqual([-3, -2, -1, 0])
    // As docs/OPERATIONS.md has it: by labels.
    const chosen = manifests.filter((one) => one.metadata.labels['app.kubernetes.io/component'] === 'migrate')
    expect(chosen).toEqual([only('Job')])
  })

  type Built = Manifest & { data?: Labels; metadata: { namespace?: string } }
  /** Builds text, and asks no cluster. */
  function builtOf(overlay: string): Built[] {
    const folder = mkdtempSync(join(tmpdir(), 'fapai-kustomize-'))
    writeFileSync(join(folder, 'none'), '')
    const env = { ...process.env, KUBECONFIG: join(folder, 'none') }
    const text = execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8', env })
    rmSync(folder, { recursive: true, force: true })
    return loadAll(text) as Built[]
  }

  const missing = spawnSync('kubectl', ['version', '--client']).error ? 'skipped: kustomize (no kubectl)' : undefined
  if (missing) console.warn(missing)
  ;(missing ? it.skip : it)(
    'kustomize builds the example: tag, namespace and configuration come to where they are used',
    () => {
      const built = builtOf(EXAMPLE)
      expect(built).toHaveLength(manifests.length + 1)
      const { newName, newTag } = example.images[0]!
      const config = built.find(({ kind }) => kind === 'ConfigMap')!
      expect(config.data).toEqual({ ...pairsOf(read(BASE, 'fapai.env')), ...pairsOf(read(EXAMPLE, 'fapai.env')) })
      expect(built.find(({ kind }) => kind === 'Job')!.metadata.name).toBe(`fapai-migrate-${newTag}`)
      for (const { kind, metadata, spec } of built) {
        if (kind !== 'Namespace') expect(metadata.namespace).toBe('fapai')
        const template = kind === 'CronJob' ? spec.jobTemplate.spec.template : spec?.template
        for (const { image, envFrom } of template?.spec.containers ?? []) {
          expect(image).toBe(`${newName}:${newTag}`)
          expect(envFrom).toEqual([{ configMapRef: { name: config.metadata.name } }])
        }
      }
    },
  )

  ;(missing ? it.skip : it)('the end of an upgrade is a Job of its own, and all else as it was', () => {
    const [before, after] = [builtOf(EXAMPLE), builtOf(CONTRACT)]
    const job = ({ kind }: Built) => kind === 'Job'
    const others = (built: Built[]) => built.filter((one) => !job(one)).map((one) => JSON.stringify(one))
    expect(others(after).sort()).toEqual(others(before).sort())
    const [was, is] = [before.find(job)!, after.find(job)!]
    expect(is.metadata.name).toBe('fapai-contract')
    expect(is.metadata.labels).toEqual(was.metadata.labels)
    const { containers } = is.spec.template.spec
    expect(containers[0]!.args).toEqual([
      'migrate',
      '--contract',
      ...was.spec.template.spec.containers[0]!.args.slice(1),
    ])
    expect({ ...containers[0], args: [] }).toEqual({ ...was.spec.template.spec.containers[0], args: [] })
  })
})

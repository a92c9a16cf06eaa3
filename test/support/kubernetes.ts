import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The manifests of deploy/kubernetes, as far as tests look at them. */

const { load, loadAll } = require('js-yaml') as { load(text: string): unknown; loadAll(text: string): unknown[] }

const ROOT = resolve(__dirname, '../..')
export const BASE = join(ROOT, 'deploy/kubernetes/base')
export const EXAMPLE = join(ROOT, 'deploy/kubernetes/overlays/example')
/** Names of secrets: a file beside the overlay that is applied nowhere. */
export const SECRETS = 'secrets.example.yaml'
const read = (...path: string[]) => readFileSync(join(...path), 'utf8')

export type Labels = Record<string, string>
interface Probe {
  httpGet: { path: string; port: string }
  periodSeconds: number
  failureThreshold: number
}
export interface Container {
  name: string
  image: string
  args: string[]
  envFrom: { configMapRef: { name: string } }[]
  env?: { name: string; value: string }[]
  ports?: { name: string; containerPort: number }[]
  startupProbe: Probe
  readinessProbe: Probe
  livenessProbe: Probe
  lifecycle: { preStop: { exec: { command: string[] } } }
  resources: { requests: object; limits: { memory: string } }
  securityContext: object
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[]
}
interface PodSpec {
  automountServiceAccountToken: boolean
  terminationGracePeriodSeconds: number
  securityContext: object
  topologySpreadConstraints: { labelSelector: { matchLabels: Labels } }[]
  containers: Container[]
  volumes: { name: string; emptyDir?: object; secret?: { secretName: string; defaultMode: number } }[]
}
interface Template {
  metadata: { labels: Labels }
  spec: PodSpec
}
interface Peer {
  namespaceSelector: { matchLabels: Labels }
  podSelector: { matchLabels: Labels }
}
/** What is looked at of any of them; which of it one has its kind says. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels: Labels; annotations?: Labels }
  stringData?: Labels
  spec: {
    replicas: number
    schedule: string
    timeZone: string
    minAvailable: number
    strategy: { rollingUpdate: { maxUnavailable: number } }
    selector: Labels & { matchLabels: Labels }
    podSelector: { matchLabels: Labels }
    template: Template
    jobTemplate: { spec: { template: Template } }
    ports: { port: number; targetPort: string }[]
    type: string
    ingress: { from: Peer[]; ports: { port: string }[] }[]
    tls: { hosts: string[] }[]
    rules: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[]
  }
}
interface Kustomization {
  resources: string[]
  configMapGenerator: { name: string; behavior?: string; envs: string[] }[]
  images: { name: string; newName: string; newTag: string }[]
  replicas: { name: string; count: number }[]
}

const kustomization = (folder: string) => load(read(folder, 'kustomization.yaml')) as Kustomization
export const manifestsIn = (folder: string, file: string) => loadAll(read(folder, file)) as Manifest[]
export const base = kustomization(BASE)
export const example = kustomization(EXAMPLE)
export const manifests = [
  ...base.resources.flatMap((file) => manifestsIn(BASE, file)),
  ...manifestsIn(EXAMPLE, 'namespace.yaml'),
]
export const of = (kind: string) => manifests.filter((one) => one.kind === kind)
export const only = (kind: string) => {
  expect(of(kind)).toHaveLength(1)
  return of(kind)[0]!
}
export const templates = manifests.flatMap(({ kind, spec }) =>
  kind === 'CronJob' ? [spec.jobTemplate.spec.template] : spec?.template ? [spec.template] : [],
)
/** The one with these labels. */
export const pod = (component: string) => {
  const found = templates.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component)
  expect(found).toHaveLength(1)
  expect(found[0]!.spec.containers).toHaveLength(1)
  return { ...found[0]!, spec: found[0]!.spec, container: found[0]!.spec.containers[0]! }
}

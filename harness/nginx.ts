import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GUARD } from './cluster'
import { freePort } from './free-port'
import { localAuthority, opensslMissing } from './tls'

const BINARY = '/usr/sbin/nginx'
const SAMPLE = join(__dirname, '../deploy/nginx/fapai.conf')
const STARTUP_MS = 30_000

/** nginx's own address as BFFs see it: as in production it is nobody else's, so that whoever asks from this machine is no proxy of ours. */
export const NGINX_ADDRESS = '127.0.0.9'

/** Says why there can be no nginx here; undefined when there can. */
export function nginxMissing(): string | undefined {
  return existsSync(BINARY) ? opensslMissing() : `skipped: nginx (no ${BINARY})`
}

export interface TestNginx {
  /** https */
  url: string
  /** http, as who types no scheme asks */
  plainUrl: string
  /** PEM: who alone vouches for it */
  ca: string
  /** what it logged of requests, a line each */
  log(): string
  stop(): Promise<void>
}

/**
 * The sample of deploy/nginx as it stands, but for addresses, ports and folders, in a folder of its own.
 * @param bffs host:port of each
 */
export async function prepareNginx(bffs: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-nginx-'))
  const { caFile } = localAuthority(folder)
  const [plain, tls] = [await freePort(), await freePort()]
  const servers = bffs.map((one) => `server ${one} $1;`).join('\n    ')
  const site = readFileSync(SAMPLE, 'utf8')
    .replace(/server bff-1:8787 (.*);\n +server bff-2:8787 .*;/, servers)
    .replace(/ +listen \[::\].*\n/g, '')
    .replace('listen 80;', `listen 127.0.0.1:${plain};`)
    .replace('listen 443 ', `listen 127.0.0.1:${tls} `)
    .replace(/\/etc\/nginx\/tls\/[\w.]+\.(pem|key)/g, `${folder}/tls.$1`)
    .replaceAll('/var/log/nginx', folder)
  writeFileSync(join(folder, 'site.conf'), site)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`)
  const main = [
    'daemon off;',
    // root's workers would be nobody's, and couldn't enter our folder
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'worker_processes 2;',
    `pid ${folder}/nginx.pid;`,
    `error_log ${folder}/error.log;`,
    'events { worker_connections 1024; }',
    `http { ${temporary.join(' ')} proxy_bind ${NGINX_ADDRESS}; include ${folder}/site.conf; }`,
  ]
  const config = join(folder, 'nginx.conf')
  writeFileSync(config, `${main.join('\n')}\n`)
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', config]
  return {
    folder,
    args,
    plain,
    tls,
    ca: readFileSync(caFile, 'utf8'),
    /** what nginx itself finds wrong with it; empty: nothing */
    faults(): string {
      const { status, stderr } = spawnSync(BINARY, ['-t', '-q', ...args], { encoding: 'utf8' })
      return status === 0 ? '' : stderr
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** nginx in front of these BFFs; it ends with this process, however that ends. */
export async function startNginx(bffs: readonly string[]): Promise<TestNginx> {
  const { folder, args, plain, tls, ca, faults, remove } = await prepareNginx(bffs)
  const server = spawn('sh', ['-c', GUARD, 'sh', BINARY, ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
  server.unref()
  ;(server.stdin as Socket).unref()
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  for (const deadline = Date.now() + STARTUP_MS; !(await answers(tls)); await sleep(20))
    if (Date.now() > deadline) throw new Error(`nginx doesn't answer: ${faults()}`)
  return {
    url: `https://127.0.0.1:${tls}`,
    plainUrl: `http://127.0.0.1:${plain}`,
    ca,
    log: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    async stop() {
      server.ref()
      server.stdin.end()
      await exited
      remove()
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}

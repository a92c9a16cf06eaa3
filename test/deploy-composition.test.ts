import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { get, request } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { freePort } from '../harness/free-port'
import { nginxMissing, startNginx, type TestNginx } from '../harness/nginx'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { eventually } from '../harness/system'
import { isIn, readIp, readNetwork } from '../server/domain/ip'
import { callerBehind } from '../server/http/caller'
import { composition, DEPLOY, withIpv6 } from './support/compose'

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
  const hidden = [
    ...Object.values(secrets).map(({ file }) => file),
    ...tls.map((path) => `${path}/pay.bank.example.key`),
  ]
  const paths = hidden.map((path) => join('deploy', path))

  it.each(['.gitignore', 'deploy/Dockerfile.dockerignore'])(
    '%s leaves out each of them, and the keys of TLS',
    (file) => {
      expect([paths.length, tls]).toEqual([Object.keys(secrets).length + 1, ['./tls']])
      expect(paths.filter((path) => !isLeftOut(read(ROOT, file), path))).toEqual([])
    },
  )

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
      expect(rows.map(({ kept }) => isKeptOf(kept, password))).toEqual([true])
      expect(isKeptOf(rows[0].kept, `${password}\n`)).toBe(false)
    } finally {
      await engine.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the composition on a machine that is restarted, and runs for years', () => {
  it('each service but what runs once comes back by itself, and none’s log fills the disk', () => {
    const MB = 1024 ** 2
    for (const [name, { restart, logging }] of Object.entries(services)) {
      expect({ name, restart }).toEqual({ name, restart: ['migrate', 'tool'].includes(name) ? 'no' : 'unless-stopped' })
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

describe('whom the composition believes about callers', () => {
  const [{ subnet, gateway, ip_range: rest } = { subnet: '', gateway: '', ip_range: '' }] =
    composition.networks.fapai!.ipam.config
  const at = (name: string, of = services) =>
    (of[name]!.networks as Record<string, { ipv4_address?: string; ipv6_address?: string }>).fapai!
  const nginx = at('nginx').ipv4_address!
  const isOf = (address: string, network: string) => isIn(readIp(address)!, readNetwork(network)!)

  it('nginx, which nobody else can be, and never Docker’s own end of the network', () => {
    expect([isOf(nginx, subnet), isOf(gateway, subnet)]).toEqual([true, true])
    expect([isOf(nginx, rest), isOf(gateway, rest)]).toEqual([false, false])
    for (const name of ['bff-1', 'bff-2', 'migrate', 'tool']) {
      const { TRUSTED_PROXIES } = services[name]!.environment!
      expect({ name, TRUSTED_PROXIES }).toEqual({ name, TRUSTED_PROXIES: nginx })
      expect(isOf(gateway, TRUSTED_PROXIES!)).toBe(false)
    }
  })

  it('a BFF that is replaced is where nginx, which looks once, knows it', () => {
    const conf = read(DEPLOY, 'nginx/fapai.conf')
    const asked = [...conf.matchAll(/^\s+server ([\w-]+):8787 /gm)].map(([, name]) => name!)
    expect(asked).toEqual(['bff-1', 'bff-2'])
    const addresses = ['nginx', ...asked].map((name) => at(name).ipv4_address!)
    expect(new Set(addresses).size).toBe(3)
    for (const address of addresses) expect([isOf(address, subnet), isOf(address, rest)]).toEqual([true, false])
    // What is run beside them takes nobody's place.
    for (const name of ['migrate', 'tool', 'postgres', 'redis']) expect(services[name]!.networks).toEqual(['fapai'])
  })

  it('with IPv6: nginx by both of its addresses, to whom payers’ own come, and BFFs listen to both', () => {
    const { enable_ipv6, ipam } = withIpv6.networks.fapai!
    expect([enable_ipv6, ipam.config.length, ipam.config[0]]).toEqual([
      true,
      2,
      composition.networks.fapai!.ipam.config[0],
    ])
    const six = ipam.config[1]!
    expect(isOf(six.ip_range.split('/')[0]!, six.subnet)).toBe(true)
    const nginxSix = at('nginx', withIpv6.services).ipv6_address!
    for (const name of ['nginx', 'bff-1', 'bff-2']) {
      const { ipv4_address, ipv6_address } = at(name, withIpv6.services)
      expect(ipv4_address).toBe(at(name).ipv4_address)
      expect([isOf(ipv6_address!, six.subnet), isOf(ipv6_address!, six.ip_range)]).toEqual([true, false])
    }
    for (const name of ['bff-1', 'bff-2']) {
      const { HOST, OPS_HOST, TRUSTED_PROXIES, ...others } = withIpv6.services[name]!.environment!
      expect([HOST, OPS_HOST]).toEqual(['::', '::'])
      expect(others).toEqual(expect.objectContaining({ MASTER_KEY_FILE: '/run/secrets/master-key' }))
      const caller = callerBehind(TRUSTED_PROXIES!.split(',').map((one) => readNetwork(one)!))
      const headers = { 'x-forwarded-for': '2001:db8:7:1::5' }
      const from = (remoteAddress: string) =>
        caller({ socket: { remoteAddress }, headers } as unknown as IncomingMessage)
      // A socket that listens to both says of IPv4 that it came so.
      for (const proxy of [nginxSix, nginx, `::ffff:${nginx}`]) expect(from(proxy).address).toBe('2001:db8:7:1::/64')
      for (const other of [six.gateway, gateway, at('bff-1', withIpv6.services).ipv6_address!])
        expect(from(other).address).not.toBe('2001:db8:7:1::/64')
    }
  })

  it('who comes by IPv6 and says to be another is whom Docker brought, by nginx as it is and by one that adds to what was said', () => {
    const caller = callerBehind([readNetwork(services['bff-1']!.environment!.TRUSTED_PROXIES!)!])
    const from = (forwarded: string) =>
      caller({
        socket: { remoteAddress: nginx },
        headers: { 'x-forwarded-for': forwarded },
      } as unknown as IncomingMessage)
    for (const forwarded of [gateway, `203.0.113.7, ${gateway}`, `203.0.113.7, ${nginx}, ${gateway}`])
      expect(from(forwarded).address).toBe(gateway)
    expect(read(DEPLOY, 'nginx/fapai.conf').match(/proxy_set_header X-Forwarded-For .*;/g)).toEqual([
      'proxy_set_header X-Forwarded-For $remote_addr;',
    ])
  })
})

const noNginx = nginxMissing()
if (noNginx) console.warn(noNginx)
;(noNginx ? describe.skip : describe)('nginx as the composition has it', () => {
  it('tells who called, and nothing of what they say of themselves; and writes where its image has standard output', async () => {
    const bff = createServer(({ headers }, response) => response.end(JSON.stringify(headers))).listen(0, '127.0.0.1')
    await once(bff, 'listening')
    const nginx = await startNginx([`127.0.0.1:${(bff.address() as AddressInfo).port}`])
    try {
      const headers = { 'X-Forwarded-For': '203.0.113.7, 127.0.0.9', traceparent: 'theirs' }
      const [answer] = await once(get(`${nginx.url}/q/M0001?code=secret`, { ca: nginx.ca, headers }), 'response')
      expect(JSON.parse(await text(answer))).toMatchObject({ 'x-forwarded-for': '127.0.0.1' })
      const line = await eventually(async () => nginx.log() || undefined)
      expect(line).toMatch(/^127\.0\.0\.1 \S+ GET \/q\/M0001 200 /)
    } finally {
      await nginx.stop()
      bff.close()
    }
  })

  /** What payers of these BFFs are told when they ask for a price and pay. */
  async function toldBehind(gone: readonly string[]): Promise<(number | undefined)[]> {
    const bff = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
    await once(bff, 'listening')
    const nginx = await startNginx([...gone, `127.0.0.1:${(bff.address() as AddressInfo).port}`])
    try {
      return [await posted(nginx, '/api/quotes'), await posted(nginx, '/api/orders')]
    } finally {
      await nginx.stop()
      bff.close()
    }
  }

  it('asks the other BFF where one that is restarted has two addresses, as with IPv6', async () => {
    const both = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`)
    expect(await toldBehind(both)).toEqual([200, 200])
  })

  it('asks the other BFF where one’s machine is gone, and refuses nothing', async () => {
    const port = await freePort()
    const silent = spawn(process.execPath, [
      '-e',
      `net.createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log())`,
    ])
    await once(silent.stdout, 'data')
    silent.kill('SIGSTOP')
    // As many as wait to be taken: of the next nothing is heard, not even that it can't.
    const waiting = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    try {
      await once(waiting[0]!, 'connect')
      expect(await toldBehind([`127.0.0.1:${port}`])).toEqual([200, 200])
    } finally {
      for (const socket of waiting) socket.destroy()
      silent.kill('SIGKILL')
    }
  })
})

async function posted(nginx: TestNginx, path: string): Promise<number | undefined> {
  const [answer] = await once(request(`${nginx.url}${path}`, { ca: nginx.ca, method: 'POST' }).end('{}'), 'response')
  answer.resume()
  return answer.statusCode
}

/** Whether this is what PostgreSQL keeps of a password (RFC 5803): `SCRAM-SHA-256$<turns>:<salt>$<stored key>:<server key>`. */
function isKeptOf(kept: string, password: string): boolean {
  const [, turns, salt, storedKey] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(kept)!
  const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(turns), 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  return createHash('sha256').update(clientKey).digest('base64') === storedKey
}

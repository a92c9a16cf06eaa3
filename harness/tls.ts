import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { dirname, join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'

/** Why there is no authority of our own here; undefined when there can be one. */
export function opensslMissing(): string | undefined {
  return spawnSync('openssl', ['version']).status === 0 ? undefined : 'skipped: TLS (there is no openssl)'
}

/** An authority of the test's own, which nobody else believes, and its certificate for this machine. */
export interface Authority {
  /** its certificate's file, PEM; its key lies beside it */
  caFile: string
  key: string
  cert: string
}

/** Made in `dir` by the openssl command; good for two days. */
export function localAuthority(dir: string): Authority {
  const path = (name: string) => join(dir, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const ca = ['-keyout', path('ca.key'), '-out', path('ca.pem'), '-subj', '/CN=Fapai test authority', '-days', '2']
  openssl('req', '-x509', ...ec, ...ca)
  openssl('req', ...ec, '-keyout', path('tls.key'), '-out', path('tls.csr'), '-subj', '/CN=localhost')
  writeFileSync(path('san.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signed = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-extfile', path('san.cnf')]
  openssl('x509', '-req', '-in', path('tls.csr'), ...signed, '-days', '2', '-out', path('tls.pem'))
  return {
    caFile: path('ca.pem'),
    key: readFileSync(path('tls.key'), 'utf8'),
    cert: readFileSync(path('tls.pem'), 'utf8'),
  }
}

/** A client certificate of the authority, good for two days; written beside it as `<name>.pem` and `<name>.key` (0400). */
export function clientCertificate({ caFile }: Pick<Authority, 'caFile'>, name: string, days = 2) {
  const path = (file: string) => join(dirname(caFile), file)
  const [certFile, keyFile, request] = [path(`${name}.pem`), path(`${name}.key`), path(`${name}.csr`)]
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', ...ec, '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`)
  writeFileSync(path('client.cnf'), 'extendedKeyUsage=clientAuth\n')
  const signed = ['-CA', caFile, '-CAkey', path('ca.key'), '-CAcreateserial', '-extfile', path('client.cnf')]
  openssl('x509', '-req', '-in', request, ...signed, '-days', String(days), '-out', certFile)
  chmodSync(keyFile, 0o400)
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}

/**
 * TLS in front of a server that speaks plain HTTP, as a gateway has it. `clientsOf`: only who has a certificate of this authority (PEM) is let
 * through. `seen` has the name on each certificate that was let through, once for each connection.
 */
export async function startTlsFront(targetUrl: string, { key, cert }: Authority, clientsOf?: string) {
  const target = new URL(targetUrl)
  const open = new Set<TLSSocket>()
  const seen: string[] = []
  const asks = clientsOf === undefined ? {} : { ca: clientsOf, requestCert: true, rejectUnauthorized: true }
  const server = createServer({ key, cert, ...asks }, (near) => {
    open.add(near)
    if (clientsOf !== undefined) seen.push(String(near.getPeerCertificate().subject?.CN))
    const far = connect(Number(target.port), target.hostname)
    near.on('error', () => far.destroy()).on('close', () => open.delete(near))
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  // a caller that doesn't believe the certificate is no fault of ours
  server.on('tlsClientError', () => {})
  await once(server, 'listening')
  return {
    seen,
    /** who is connected has to connect again */
    cut() {
      for (const socket of open) socket.destroy()
    },
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

import { buildConnector } from 'undici'
import type { ClientCertificate, ClientCertificates } from './client-certificate'

/** Whom we believe at the other end of a connection, and who we say we are. */
export interface TlsOptions {
  /** PEM: the only authorities that the other side's certificate may be of; absent: node's own */
  ca?: string
  /** presented to this counterpart alone; absent: none */
  clientCertificate?: ClientCertificates | undefined
}

/** How undici is to connect. `timeoutMs`: within which there is a connection, TLS and all. */
export function connector({ ca, clientCertificate }: TlsOptions, timeoutMs: number): buildConnector.connector {
  const common = { timeout: timeoutMs, ...(ca !== undefined && { ca }) }
  if (!clientCertificate) return buildConnector(common)
  let inUse: ClientCertificate | undefined
  let connect: buildConnector.connector | undefined
  return (options, callback) => {
    const next = clientCertificate.now()
    if (!connect || next !== inUse) {
      inUse = next
      // A connector of its own: a TLS session that is resumed goes on with the certificate that it began with.
      connect = buildConnector({ ...common, cert: next.cert, key: next.key })
    }
    return connect(options, callback)
  }
}

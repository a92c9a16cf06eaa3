import { Agent, request } from 'undici'
import { z } from 'zod'
import { jsonOf } from '../domain/json'
import { KeyRefused, type KeyService, KeyServiceUnavailable } from '../flow/ports'

/** What is needed to ask the transit engine of a Vault, of an OpenBao, or of whoever speaks like them. */
export interface TransitConfig {
  /** what stands before `/v1/…` */
  url: string
  mount: string
  key: string
  /** none: an agent on this machine has its own */
  token: string | undefined
  namespace: string | undefined
  /** PEM: the only authorities that its certificate may be of; absent: node's own */
  ca: string | undefined
  /** one call in all */
  timeoutMs: number
}

/** A key has a hundred bytes around it; more is not from a key service. */
const MAX_BYTES = 16 * 1024

const decrypted = z.object({ data: z.object({ plaintext: z.base64() }) })

/** A certificate that node doesn't believe. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO/

/**
 * `POST /v1/<mount>/decrypt/<key>` (https://openbao.org/api-docs/secret/transit/). Nothing that it says is quoted: who answers in its place
 * could say our token back to us. No redirect is followed, since the token would go along.
 */
export function transitKeys({ url, mount, key, token, namespace, ca, timeoutMs }: TransitConfig): KeyService {
  const base = url.replace(/\/$/, '')
  const who = `the key service at ${new URL(base).host}`
  const headers = {
    'content-type': 'application/json',
    // an agent may ask for it, so that no page in a browser can make it decrypt
    'x-vault-request': 'true',
    ...(token !== undefined && { 'x-vault-token': token }),
    ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
  }

  async function ask(wrapped: string) {
    const connect = { timeout: timeoutMs, ...(ca !== undefined && { ca }) }
    const agent = new Agent({ connect, maxResponseSize: MAX_BYTES })
    try {
      const { statusCode, body } = await request(`${base}/v1/${mount}/decrypt/${key}`, {
        ...{ method: 'POST', headers, body: JSON.stringify({ ciphertext: wrapped }) },
        ...{ dispatcher: agent, signal: AbortSignal.timeout(timeoutMs) },
      })
      return { status: statusCode, body: statusCode === 200 ? Buffer.from(await body.arrayBuffer()) : null }
    } catch (error) {
      throw faultOf(who, error, timeoutMs)
    } finally {
      await agent.destroy()
    }
  }

  return {
    async unwrap(wrapped) {
      const { status, body } = await ask(wrapped)
      if (body === null) throw refusalOf(who, status)
      const said = decrypted.safeParse(jsonOf(body))
      if (!said.success) throw new KeyRefused(`${who} answers with no key`)
      return Buffer.from(said.data.data.plaintext, 'base64')
    },
  }
}

/** What its documentation means by a status: https://openbao.org/api-docs/#http-status-codes */
function refusalOf(who: string, status: number): Error {
  switch (status) {
    case 400:
      return new KeyRefused(`${who} doesn’t open it (400): it is cut off, or wrapped by another key than KMS_KEY`)
    case 401:
    case 403:
      return new KeyRefused(
        `${who} doesn’t let us (${status}): KMS_TOKEN is wrong, has ended, or may not update that path`,
      )
    case 404:
      return new KeyRefused(`${who} has no such path (404): KMS_MOUNT or KMS_NAMESPACE`)
    case 503:
      return new KeyServiceUnavailable(`${who} is sealed, or down for maintenance (503)`)
    // One that stands by, and could not reach the one that is active.
    case 307:
      return new KeyServiceUnavailable(`${who} sends us elsewhere (307), where our token doesn’t go`)
  }
  // 412: one that stands by isn’t as far yet; 429: too much is asked of it
  if (status >= 500 || status === 412 || status === 429)
    return new KeyServiceUnavailable(`${who} can’t say now (${status})`)
  if (status >= 300 && status < 400)
    return new KeyRefused(`${who} sends us elsewhere (${status}), where our token doesn’t go: KMS_URL`)
  return new KeyRefused(`${who} answers as no key service does (${status})`)
}

/** By shape: under jest an error is of another realm. */
function faultOf(who: string, error: unknown, timeoutMs: number): Error {
  const { name, code = 'no connection' } = error as { name?: string; code?: string }
  if (name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return new KeyServiceUnavailable(`${who} gives no answer within ${timeoutMs} ms`)
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new KeyRefused(`${who} answers more than a key`)
  if (CERTIFICATE.test(code))
    return new KeyRefused(`${who} has a certificate that isn’t believed (${code}): KMS_CA_FILE`)
  return new KeyServiceUnavailable(`${who} is away (${code})`)
}

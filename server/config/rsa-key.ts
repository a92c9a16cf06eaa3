import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** An RSA key of 2048 bits or more: PEM, or the base64 that wallets' tools write. */
export function rsaKey(kind: 'private' | 'public') {
  return z.string().transform((text, context): KeyObject => {
    try {
      const key = read(kind, text)
      if (key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048) return key
    } catch {
      // what is wrong with it might quote it
    }
    context.addIssue({ code: 'custom', message: `must be an RSA ${kind} key of 2048 bits or more` })
    return z.NEVER
  })
}

function read(kind: 'private' | 'public', text: string): KeyObject {
  if (kind === 'public') {
    const der = { key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' } as const
    return createPublicKey(text.includes('-----') ? text : der)
  }
  if (text.includes('-----')) return createPrivateKey(text)
  const der = { key: Buffer.from(text, 'base64'), format: 'der' } as const
  try {
    return createPrivateKey({ ...der, type: 'pkcs8' })
  } catch {
    return createPrivateKey({ ...der, type: 'pkcs1' })
  }
}

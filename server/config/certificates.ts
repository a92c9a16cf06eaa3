import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A PEM file's text. */
export function certificatesOf(path: string, context: z.RefinementCtx): string {
  try {
    const pem = readFileSync(path, 'utf8')
    new X509Certificate(pem)
    return pem
  } catch {
    context.addIssue({ code: 'custom', message: 'must be a file of certificates (PEM)' })
    return z.NEVER
  }
}

import { createHash } from 'node:crypto'
import { canonical, type Plain } from '../../domain/canonical'
import type { Operator } from '../../domain/operator'
import type { LogDeps } from '../operator/log'

/** By what a signed paper can be checked. */
export interface Stamp {
  /** ms */
  generatedAt: number
  by: { username: string; name: string }
  /** of the canonical text of all that the paper says: what it is made of, when, and who asked for it */
  sha256: string
  /** its first 16 digits, by which the log finds it */
  code: string
}

/**
 * Stamps what is going to be printed and signed. The log, which nobody can rewrite, keeps the hash with what the paper is about: whoever
 * has the paper finds there by its code who made it, when, and with which sums (`kept`).
 */
export async function stampSheet(
  { operators, clock }: LogDeps,
  { username, name }: Operator,
  sheet: Plain,
  kept: object,
): Promise<Stamp> {
  const generatedAt = clock.now()
  const by = { username, name }
  const sha256 = hashOf({ sheet, generatedAt: new Date(generatedAt).toISOString(), by })
  const code = sha256.slice(0, 16)
  await operators.log({
    at: generatedAt,
    username,
    action: 'sheet.make',
    subject: `sheet/${code}`,
    after: { ...kept, sha256 },
  })
  return { generatedAt, by, sha256, code }
}

const hashOf = (said: Plain) => createHash('sha256').update(canonical(said)).digest('hex')

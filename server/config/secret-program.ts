import { execFileSync } from 'node:child_process'
import { isAbsolute } from 'node:path'

/** More is no secret but some other file. */
export const MAX_BYTES = 16 * 1024

/** Nothing starts without it, and nothing waits for it for ever. */
const COMMAND_MS = 10_000

/**
 * What a program prints, the client of a KMS or an HSM, say: so a secret lies in no file of this machine. Its path, then words, parted by
 * blanks; no shell reads them, so a quote is a quote. What it complains of may quote what it was to give, and is kept nowhere.
 */
export function outputOf(command: string, withinMs = COMMAND_MS): string | { fault: string } {
  const [path = '', ...words] = command.trim().split(/\s+/)
  // By a search path, whoever may write one of its folders would give the secret.
  if (!isAbsolute(path)) return { fault: 'must begin with the path of a program, from the root on' }
  try {
    const text = execFileSync(path, words, {
      encoding: 'utf8',
      timeout: withinMs,
      // one that wouldn't hear of a gentler end
      killSignal: 'SIGKILL',
      maxBuffer: MAX_BYTES,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return text === '' ? { fault: 'gives nothing' } : text
  } catch (error) {
    return { fault: faultOf(error as Failure, withinMs) }
  }
}

interface Failure {
  code?: string
  status?: number | null
  signal?: string | null
}

function faultOf({ code, status, signal }: Failure, withinMs: number): string {
  if (code === 'ETIMEDOUT') return `gives no answer within ${withinMs / 1_000} s`
  if (code === 'ENOBUFS') return 'gives too much for a secret'
  if (code !== undefined) return `can't be run (${code})`
  return `fails (${status ?? signal}); by hand, as this user, it says why`
}

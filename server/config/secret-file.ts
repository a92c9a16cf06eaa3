import { readFileSync, statSync } from 'node:fs'
import { MAX_BYTES, outputOf } from './secret-program'
import { hasLines, SECRETS } from './secrets'

type Env = Record<string, string | undefined>

/** Where else a secret may come from than its own variable. */
const FROM: [suffix: '_FILE' | '_COMMAND', secretOf: (given: string) => string | { fault: string }][] = [
  ['_FILE', contentOf],
  ['_COMMAND', outputOf],
]

/** The environment with each secret in place of its file's or program's name, and what is wrong with those; no fault quotes a secret. */
export function withSecretFiles(env: Env): { env: Env; faults: Map<string, string> } {
  const read = { ...env }
  const faults = new Map<string, string>()
  for (const name of SECRETS) {
    const sources = [name, `${name}_FILE`, `${name}_COMMAND`, `${name}_WRAPPED`].filter((one) => env[one] !== undefined)
    // Nobody runs a program for a secret that is refused.
    if (sources.length > 1) faults.set(name, `${sources.at(-1)}: goes without ${name} from anywhere else`)
    else
      for (const [suffix, secretOf] of FROM) {
        const given = env[`${name}${suffix}`]
        if (given === undefined) continue
        const found = secretOf(given)
        // A warning above it, a second secret below: nobody knows which line is meant, and the first to notice would be who is refused by it.
        const several = typeof found === 'string' && !hasLines(name) && /[\r\n]/.test(found)
        const secret = several ? { fault: 'gives more than one line' } : found
        if (typeof secret === 'string') read[name] = secret
        else faults.set(name, `${name}${suffix}: ${secret.fault}`)
      }
  }
  return { env: read, faults }
}

/** Without the line end that editors leave. */
export function contentOf(path: string): string | { fault: string } {
  try {
    const { mode, size } = statSync(path)
    if ((mode & 0o170000) !== 0o100000) return { fault: 'is no file' }
    // A group may: that is how a service is lent a secret that it doesn't own.
    if ((mode & 0o007) !== 0) return { fault: `is open to everybody on this machine (chmod ${octal(mode & 0o770)})` }
    if (size > MAX_BYTES) return { fault: 'is too large for a secret' }
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? { fault: 'is empty' } : text
  } catch (error) {
    return { fault: `can't be read (${(error as NodeJS.ErrnoException).code})` }
  }
}

const octal = (mode: number) => mode.toString(8).padStart(4, '0')

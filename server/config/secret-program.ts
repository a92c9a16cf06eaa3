import { spawnSync } from 'node:child_process'
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
  const { output, ...failure } = askedApart(withinMs, [path, ...words])
  if (output === undefined) return { fault: faultOf(failure, withinMs) }
  const text = Buffer.from(output, 'base64').toString('utf8').trim()
  return text === '' ? { fault: 'gives nothing' } : text
}

interface Failure {
  code?: string
  status?: number | null
  signal?: string | null
}

/** Until a process of node's is there to ask it. */
const BEGUN_MS = 10_000

/**
 * A program is over when it ends. Node's own way to wait for one (`spawnSync`) waits for whoever holds its output, and from its end on without a
 * deadline: one that leaves an agent behind, as clients of key services do, held the start up for as long as that lives. So a process between
 * has its output, and gives what was said until its end; nothing that outlives the program has ours.
 */
const ASK = `
const { spawn } = require('node:child_process')
const [withinMs, most, path, ...words] = process.argv.slice(1)
const said = []
let size = 0
let over = false
const end = (how) => {
  if (over) return
  over = true
  process.stdout.write(JSON.stringify(how), () => process.exit())
}
const child = spawn(path, words, { stdio: ['ignore', 'pipe', 'ignore'] })
// One that wouldn't hear of a gentler end.
const stop = (code) => {
  child.kill('SIGKILL')
  end({ code })
}
const ended = (status, signal) => end(status === 0 ? { output: Buffer.concat(said).toString('base64') } : { status, signal })
setTimeout(stop, Number(withinMs), 'ETIMEDOUT')
child.on('error', ({ code }) => end({ code }))
child.stdout.on('data', (part) => {
  said.push(part)
  size += part.length
  if (size > Number(most)) stop('ENOBUFS')
})
child.on('close', ended)
// Its last words are read by then.
child.on('exit', (status, signal) => setTimeout(() => setImmediate(ended, status, signal), 100))
`

function askedApart(withinMs: number, command: readonly string[]): Failure & { output?: string } {
  const args = ['-e', ASK, '--', String(withinMs), String(MAX_BYTES), ...command]
  const { stdout, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: withinMs + BEGUN_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (error) return { code: (error as NodeJS.ErrnoException).code ?? 'unknown' }
  try {
    return JSON.parse(stdout)
  } catch {
    return { code: 'unknown' }
  }
}

function faultOf({ code, status, signal }: Failure, withinMs: number): string {
  if (code === 'ETIMEDOUT') return `gives no answer within ${withinMs / 1_000} s`
  if (code === 'ENOBUFS') return 'gives too much for a secret'
  if (code !== undefined) return `can't be run (${code})`
  return `fails (${status ?? signal}); by hand, as this user, it says why`
}

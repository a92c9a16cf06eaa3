import { isLoopback } from '../domain/address'

const OF_SANDBOX = ['SANDBOX_PASSWORD', 'SANDBOX_EASY', 'SANDBOX_CODE'] as const

/** Where anybody may be anybody, nobody comes in from outside of this machine; and nobody is anybody elsewhere. */
export function sandboxFaults(env: Record<string, unknown>): string[] {
  if (env.SANDBOX !== 'on') return OF_SANDBOX.filter((name) => env[name]).map((name) => `${name}: goes with SANDBOX=on`)
  const open = ['HOST', 'OPS_HOST'].filter((name) => !isLoopback(String(env[name] ?? '127.0.0.1')))
  return open.map((name) => `${name}: must be this machine alone, with SANDBOX=on`)
}

import { ConfigFaults } from '../config'
import { KeyServiceUnavailable, LedgerUnavailable, SlotsUnavailable } from '../flow/ports'
import { DirInUse, DirOfAnother } from '../store/dir-lock'
import { RedisUrlFault } from '../store/redis/connect'
import { RedisCrashed } from '../store/redis/embedded'
import { LedgerCrashed } from '../store/sql/embedded'
import { WrongMasterKey } from '../store/sql/ledger-keys'
import { SchemaBehind, SchemaTooNew } from '../store/sql/migrate'

/** What is wrong around us and not with us: its message says all. */
const TOLD = [
  ConfigFaults,
  DirInUse,
  DirOfAnother,
  WrongMasterKey,
  SchemaBehind,
  SchemaTooNew,
  RedisUrlFault,
  RedisCrashed,
  KeyServiceUnavailable,
]

/** PostgreSQL turns us away: invalid authorization (28), no such database (3D) or schema (3F), no right to it (42501). */
const REFUSALS = /^(28...|3D000|3F000|42501)$/
/** A certificate that node doesn't believe. */
const CERTIFICATES = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/

/** Why it can't start, or a tool can't run, in one sentence for whoever runs it; null: it is a bug's, whose stack says more. */
export function sentenceOf(error: unknown): string | null {
  if (!isError(error)) return null
  if (TOLD.some((kind) => error instanceof kind)) return error.message
  if (error instanceof LedgerUnavailable || error instanceof SlotsUnavailable || error instanceof LedgerCrashed)
    return isError(error.cause) ? `${error.message}: ${firstLine(reasonOf(error.cause))}` : error.message
  const { code = '', syscall, path, port, address } = error as Error & Told
  if (syscall === 'listen' || syscall === 'bind') return cantListen(code, port, address) ?? firstLine(error.message)
  if (REFUSALS.test(code)) return `the database refuses us: ${firstLine(error.message)}`
  if (CERTIFICATES.test(code)) return `the certificate of a store isn’t believed: ${firstLine(error.message)}`
  // A folder that can't be written, a file that isn't there, a disk that is full.
  if (syscall !== undefined && (path !== undefined || code === 'ENOSPC')) return firstLine(error.message)
  return null
}

interface Told {
  code?: string
  syscall?: string
  path?: string
  port?: number
  address?: string
  errors?: Error[]
}

/** By shape: node's own errors may come from another realm. */
const isError = (error: unknown): error is Error => typeof (error as Error | null)?.message === 'string'
const firstLine = (text: string) => text.split('\n')[0]!

/** A host of several addresses fails once for each, and says so without words. */
function reasonOf(error: Error): string {
  return error.message || (error as Told).errors?.[0]?.message || (error as Told).code || error.name
}

function cantListen(code: string, port: number | undefined, address: string | undefined): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use by another program; give this one another PORT or OPS_PORT`
    case 'EACCES':
      return `port ${port} may not be listened on by this user; give it a PORT above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no address ${address} to listen on; give it another HOST or OPS_HOST`
    default:
      return null
  }
}

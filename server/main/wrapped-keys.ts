import type { Logger } from 'pino'
import { ConfigFaults } from '../config'
import type { KeyServiceConfig, Unwrap } from '../config/keys'
import { KeyRefused, type KeyService, KeyServiceUnavailable } from '../flow/ports'
import { transitKeys } from '../kms/transit'
import { openLog } from '../log'
import { PATIENCE, type Patience, whileAway } from './patience'

const KEY_BYTES = 32

/**
 * How the keys that stand wrapped in the configuration are opened, once a start: one call for each, and again for a minute while the key
 * service is away. They are kept in memory alone. The log is of a time before there is a configuration. @throws ConfigFaults, KeyServiceUnavailable
 */
export function unwrapping(
  log: () => Pick<Logger, 'warn'> = () => openLog('warn', 'at-once'),
  open: (service: KeyServiceConfig) => KeyService = transitKeys,
  patience: Patience = PATIENCE,
): Unwrap {
  return async (config, wrapped) => {
    const service = open(config)
    const keys: Record<string, string> = {}
    const said = (leftMs: number, error: Error) =>
      log().warn({ leftMs, because: error.message }, 'waiting for the key service')
    for (const [name, texts] of wrapped) {
      const opened: string[] = []
      for (const text of texts) {
        const key = await whileAway(() => service.unwrap(text), isAway, said, patience).catch((error) => {
          throw error instanceof KeyRefused ? fault(name, error.message) : error
        })
        if (key.length !== KEY_BYTES) throw fault(name, `holds ${key.length} bytes, and a key has ${KEY_BYTES}`)
        opened.push(Buffer.from(key).toString('hex'))
      }
      keys[name] = opened.join(',')
    }
    return keys
  }
}

const isAway = (error: unknown): error is Error => error instanceof KeyServiceUnavailable

const fault = (name: string, why: string) =>
  new ConfigFaults(`the configuration has faults:\n  ${name}_WRAPPED: ${why}`)

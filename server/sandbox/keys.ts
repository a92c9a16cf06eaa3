import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateBankKeys } from '../channel/bank/sign'

/** The secrets of a sandbox, made at its first start and kept in its data directory, readable by its owner alone. */
export interface SandboxKeys {
  masterKey: string
  bank: ReturnType<typeof generateBankKeys>
}

export function sandboxKeys(dataDir: string): SandboxKeys {
  return keptKeys(dataDir, 'keys.json', () => ({
    masterKey: randomBytes(32).toString('hex'),
    bank: generateBankKeys(),
  }))
}

/** What a file of the directory holds, or what is made for it now. */
export function keptKeys<T>(dataDir: string, name: string, make: () => T): T {
  const file = join(dataDir, name)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const keys = make()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600, flag: 'wx' })
  return keys
}

/** PEM */
export interface RsaKeys {
  publicKey: string
  privateKey: string
}

export function rsaKeys(): RsaKeys {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

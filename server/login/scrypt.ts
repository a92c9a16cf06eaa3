import { randomBytes, type ScryptOptions, scrypt, scryptSync, timingSafeEqual } from 'node:crypto'
import type { Passwords, Task, Work } from '../flow/ports'
import { fairQueue } from './fair-queue'

export interface ScryptCost {
  /** log₂ of N */
  ln: number
  r: number
  p: number
}

/** One of the settings OWASP calls equal (N=2^15, r=8, p=3): 32 MB and a quarter of a second. With N=2^17, p=1 it would be 128 MB. */
const OWASP: ScryptCost = { ln: 15, r: 8, p: 3 }

const SALT_BYTES = 16
const HASH_BYTES = 32

/** Some 5 s for the last of them; the others are told to come back. Nobody alone has more than a fifth. */
const SHARES = { all: 20, place: 4, name: 4 }

/** `$scrypt$ln=15,r=8,p=3$salt$hash` */
const FORM = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/

/** From here on a hash costs more than taking it to another thread. */
const DEAR_LN = 14
const HASHING = { owner: 'passwords' }

interface Question {
  password: string
  salt: Uint8Array
  options: ScryptOptions
}

export const scryptTask: Task<Question, Uint8Array> = {
  name: 'hash-password',
  run: ({ password, salt, options }) => scryptSync(password, salt, HASH_BYTES, options),
}

/** `work`: threads that let payments go first, of its own, since an operator's long work would keep everybody from logging in */
export function scryptPasswords(cost: ScryptCost = OWASP, work?: Work): Passwords {
  const queue = fairQueue(SHARES)

  /** The same letters typed on another keyboard are the same password (NIST SP 800-63B). */
  async function derive(typed: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
    const N = 2 ** ln
    const password = typed.normalize('NFKC')
    const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
    if (work && ln >= DEAR_LN) return Buffer.from(await work.run(scryptTask, { password, salt, options }, HASHING))
    return new Promise((resolve, reject) =>
      scrypt(password, salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key))),
    )
  }

  async function hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const derived = await queue.runOwn(() => derive(password, salt, cost))
    return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${derived.toString('base64url')}`
  }

  /** What an operator who isn't there is checked against. */
  const nobody = `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`

  return {
    hash,
    inTurn: queue.run,
    async matches(password, kept) {
      const [, ln, r, p, salt, right] = FORM.exec(kept ?? nobody) ?? []
      if (!salt || !right) throw new Error('a password hash is not in the form of ours')
      const own = { ln: Number(ln), r: Number(r), p: Number(p) }
      const derived = await derive(password, Buffer.from(salt, 'base64url'), own)
      const same = timingSafeEqual(derived, Buffer.from(right, 'base64url'))
      return same && kept !== null
    },
  }
}

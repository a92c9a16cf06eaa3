import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { Passwords } from '../flow/ports'
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

export function scryptPasswords(cost: ScryptCost = OWASP): Passwords {
  const queue = fairQueue(SHARES)

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

/** The same letters typed on another keyboard are the same password (NIST SP 800-63B). */
function derive(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** ln
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

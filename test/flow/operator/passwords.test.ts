import { scryptPasswords } from '../../../server/login/scrypt'
import { seedOperators } from '../../../server/sandbox/operators'
import { LITTLE_NICE, workPool } from '../../../server/threads/pool'
import { openHouse } from '../../support/log-in-house'

const CHEAP = { ln: 4, r: 8, p: 1 }

describe('passwords', () => {
  it('are kept as scrypt with its parameters and a salt of their own, of the strength OWASP asks for', async () => {
    const passwords = scryptPasswords()
    const [one, other] = [await passwords.hash('a-password'), await passwords.hash('a-password')]
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/)
    expect(one).not.toBe(other)
    expect(await passwords.matches('a-password', one)).toBe(true)
    expect(await passwords.matches('a-passwore', one)).toBe(false)
  })

  it('are hashed in a thread that lets payments go first, and are the same there', async () => {
    const pool = workPool({ threads: 1, nice: LITTLE_NICE })
    const there = scryptPasswords(undefined, pool)
    const asked = jest.spyOn(pool, 'run')
    const kept = await there.hash('a-password')
    expect(asked).toHaveBeenCalledTimes(1)
    expect(await scryptPasswords().matches('a-password', kept)).toBe(true)
    expect(await there.matches('a-passwore', kept)).toBe(false)
    await pool.stop()
  })

  it('are checked with the parameters they were kept with', async () => {
    const kept = await scryptPasswords(CHEAP).hash('a-password')
    expect(await scryptPasswords({ ...CHEAP, ln: 5 }).matches('a-password', kept)).toBe(true)
  })

  it('are nobody’s where there is no hash, not even the one that nobody’s is made of', async () => {
    const passwords = scryptPasswords(CHEAP)
    for (const password of ['', 'A'.repeat(43), 'a-password'])
      expect(await passwords.matches(password, null)).toBe(false)
  })

  it('are the same however the keyboard spells their letters', async () => {
    const passwords = scryptPasswords(CHEAP)
    const kept = await passwords.hash('caf\u00e9-au-lait')
    expect(await passwords.matches('cafe\u0301-au-lait', kept)).toBe(true)
    expect(await passwords.matches('cafe-au-lait', kept)).toBe(false)
  })

  it.each(['', 'x', '$scrypt$ln=4,r=8$a$b', '$2b$10$abc'])('are a fault of ours when kept as %j', async (kept) => {
    await expect(scryptPasswords(CHEAP).matches('a-password', kept)).rejects.toThrow('not in the form of ours')
  })

  it('are checked one at a time, in turn', async () => {
    const passwords = scryptPasswords(CHEAP)
    const kept = await passwords.hash('a-password')
    let under = 0
    const most: number[] = []
    const one = (nth: number) =>
      passwords.inTurn({ place: `p-${nth}`, name: `n-${nth}`, known: false }, async () => {
        most.push(++under)
        const right = await passwords.matches('a-password', kept)
        under--
        return right
      })
    expect(await Promise.all(Array.from({ length: 10 }, (_, nth) => one(nth)))).toEqual(Array(10).fill(true))
    expect(new Set(most)).toEqual(new Set([1]))
  })
})

describe('the sandbox’s operators', () => {
  it('have the password of this start; while it is the same, their sessions go on and nothing is logged', async () => {
    const house = await openHouse()
    const { operators } = house
    const seed = (password: string) => seedOperators(house.deps, password, 1)
    const log = async () =>
      (await operators.deeds({ limit: 100 })).filter((one) => one.action === 'operator.seed').length
    await seed('first-password')
    expect((await operators.list()).map(({ username, roles }) => [username, roles])).toEqual(
      ['admin', 'admin2', 'auditor', 'checker', 'checker2', 'maker', 'maker2'].map((name) => [
        name,
        [name.replace('2', '')],
      ]),
    )
    const { token } = (await house.logIn('maker', 'first-password')).body
    const me = async () => (await house.ask('GET', '/admin/session', { token })).status
    await seed('first-password')
    expect([await me(), await log()]).toEqual([200, 7])
    await seed('other-password')
    expect([await me(), await log()]).toEqual([401, 14])
    expect((await house.logIn('checker', 'first-password')).status).toBe(401)
    expect((await house.logIn('checker', 'other-password')).status).toBe(200)
    await house.stop()
  })
})

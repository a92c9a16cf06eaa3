import { drandBeacon } from '../../server/beacon/drand'
import { type SandboxBeacon, startSandboxBeacon } from '../../server/sandbox/beacon'

const AT = Date.parse('2026-11-20T22:59:00+08:00')
/** The sandbox's rounds are half a minute, and the first of them at or after it is of ten seconds later. */
const [ROUND, SPOKEN_AT] = [6_506_226, AT + 10_000]

describe('a beacon', () => {
  let now = AT + 60_000
  let sandbox: SandboxBeacon
  beforeAll(async () => {
    sandbox = await startSandboxBeacon({ production: false, now: () => now })
  })
  beforeEach(() => {
    now = AT + 60_000
  })
  afterAll(() => sandbox?.stop())
  const beacon = () => drandBeacon({ url: sandbox.url, timeoutMs: 300 })

  it('says for a moment the first round at or after it, the same whoever asks and whenever', async () => {
    const pulse = await beacon().pulseAt(AT)
    expect(pulse).toEqual({ source: sandbox.url, round: ROUND, value: expect.stringMatching(/^[0-9a-f]{64}$/) })
    now += 86_400_000
    expect(await beacon().pulseAt(AT)).toEqual(pulse)
    expect((await beacon().pulseAt(SPOKEN_AT)).round).toBe(ROUND)
    expect((await beacon().pulseAt(SPOKEN_AT + 1)).round).toBe(ROUND + 1)
  })

  it('says nothing before its round', async () => {
    now = SPOKEN_AT - 1
    await expect(beacon().pulseAt(AT)).rejects.toThrow('404')
  })

  it.each(['error', 'garbage', 'another-round', 'forged', 'silence'] as const)(
    'that errs by %s is as good as away, and is asked again',
    async (mishap) => {
      const one = beacon()
      await one.pulseAt(AT)
      sandbox.mishaps.push(mishap)
      await expect(one.pulseAt(AT)).rejects.toThrow()
      await expect(one.pulseAt(AT)).resolves.toMatchObject({ source: sandbox.url })
      const fresh = beacon()
      sandbox.mishaps.push('error')
      await expect(fresh.pulseAt(AT)).rejects.toThrow()
      await expect(fresh.pulseAt(AT)).resolves.toMatchObject({ source: sandbox.url })
    },
  )

  it('of the sandbox refuses to run in production', async () => {
    await expect(startSandboxBeacon({ production: true })).rejects.toThrow('production')
  })
})

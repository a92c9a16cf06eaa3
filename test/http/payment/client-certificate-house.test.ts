import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
import { clientCertificate, localAuthority, opensslMissing, startTlsFront } from '../../../harness/tls'

const missing = opensslMissing()
if (missing) console.warn(missing)

const DAY_MS = 86_400_000

;(missing ? describe.skip : describe)('a house whose bank asks for a certificate', () => {
  const dirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'fapai-house-tls-')))
  const [authority, foreign] = dirs.map((dir) => localAuthority(dir))
  let system: TestSystem
  let front: Awaited<ReturnType<typeof startTlsFront>>
  let payer: Payer
  beforeAll(async () => {
    system = await startTestSystem()
    const { bankUrl } = system
    front = await startTlsFront(bankUrl, authority!, readFileSync(authority!.caFile, 'utf8'))
  })
  afterAll(async () => {
    await system.stop()
    await front.stop()
    for (const dir of dirs) rmSync(dir, { recursive: true })
  })
  async function startWith(pair?: ReturnType<typeof clientCertificate>) {
    await system.killBff()
    const own = pair ? { BANK_CLIENT_CERT_FILE: pair.certFile, BANK_CLIENT_KEY_FILE: pair.keyFile } : {}
    await system.startBff({ BANK_URL: front.url, BANK_CA_FILE: authority!.caFile, ...own })
    payer = await system.payer('somebody')
  }
  const metrics = async () => (await fetch(`${system.bff().said.operationsUrl}/metrics`)).text()

  it('takes payments with ours, and shows until when it holds', async () => {
    const ours = clientCertificate(authority!, 'fapai')
    await startWith(ours)
    const { body: quote } = await payer.quote(1_000)
    expect(await payer.pay(quote.quoteId)).toMatchObject({ body: { state: 'paid' } })
    const [, expiry] = /^fapai_bank_client_certificate_expiry_seconds (\d+)$/m.exec(await metrics())!
    expect(Math.abs(Number(expiry) * 1_000 - Date.now() - 2 * DAY_MS)).toBeLessThan(DAY_MS / 2)
    expect(new Set(front.seen)).toEqual(new Set(['fapai']))
  })

  const REFUSED: [string, () => ReturnType<typeof clientCertificate> | undefined][] = [
    ['none', () => undefined],
    ['one of another authority', () => clientCertificate(foreign!, 'fapai')],
    ['one that has expired', () => clientCertificate(authority!, 'expired', -1)],
  ]
  it.each(REFUSED)('with %s it starts, it is as if the bank were away, and never a 500', async (which, pair) => {
    await startWith(pair())
    const { body: quote } = await payer.quote(1_000)
    const before = front.seen.length
    const { status, body } = await payer.pay(quote.quoteId, `refused-${which.length}-00000000`)
    expect({ status, body }).toMatchObject({ status: 200, body: { state: 'paying' } })
    expect(front.seen.length).toBe(before)
    expect((await system.bank.clearings()).filter((one) => one.orderNo === body.orderNo)).toEqual([])
    expect(await metrics()).toMatch(/^fapai_problems_total{code="internal"} 0$/m)
  })
})

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientCertificate, localAuthority, opensslMissing } from '../../harness/tls'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { readConfig } from '../../server/config'
import { watchCertificate } from '../../server/main/bank-certificate'
import { configFaults } from '../support/config-faults'

const missing = opensslMissing()
if (missing) console.warn(missing)

const DAY_MS = 86_400_000

;(missing ? describe.skip : describe)('our certificate for the bank', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-client-'))
  const ours = clientCertificate(localAuthority(dir), 'fapai')
  const another = clientCertificate({ caFile: join(dir, 'ca.pem') }, 'another')
  afterAll(() => rmSync(dir, { recursive: true }))
  afterEach(() => void jest.restoreAllMocks())

  const keys = generateBankKeys()
  const GOOD = {
    MASTER_KEY: 'ab'.repeat(32),
    BANK_URL: 'https://bank.example/gateway',
    BANK_KEY_ID: 'fapai',
    BANK_PRIVATE_KEY: keys.client.privateKey,
    BANK_PUBLIC_KEY: keys.bank.publicKey,
    BANK_CLIENT_CERT_FILE: ours.certFile,
    BANK_CLIENT_KEY_FILE: ours.keyFile,
  }
  const faultsOf = (change: NodeJS.ProcessEnv) => configFaults({ ...GOOD, ...change })
  function file(name: string, text: string, mode = 0o400): string {
    const path = join(dir, name)
    writeFileSync(path, text, { mode })
    return path
  }

  it('is read with its key, from a file or from a program, and tells until when it holds', () => {
    const { clientCertificate: certificates } = readConfig(GOOD).channels.bank
    const { cert, key, expiresAt } = certificates!.now()
    expect([cert, key]).toEqual([ours.cert, ours.key.trim()])
    expect(Math.abs(expiresAt - Date.now() - 2 * DAY_MS)).toBeLessThan(DAY_MS / 2)
    const program = file('vault', `#!/bin/sh\ncat ${ours.keyFile}\n`, 0o500)
    const given = { ...GOOD, BANK_CLIENT_KEY_FILE: '', BANK_CLIENT_KEY_COMMAND: program }
    expect(readConfig(given).channels.bank.clientCertificate!.now().key).toBe(ours.key.trim())
    const none = { ...GOOD, BANK_CLIENT_CERT_FILE: '', BANK_CLIENT_KEY_FILE: '' }
    expect(readConfig(none).channels.bank.clientCertificate).toBeUndefined()
  })

  const encrypted = () => {
    const path = join(dir, 'encrypted.key')
    execFileSync('openssl', ['pkey', '-in', ours.keyFile, '-aes256', '-passout', 'pass:secret', '-out', path])
    chmodSync(path, 0o400)
    return path
  }
  const bad: [string, () => NodeJS.ProcessEnv, string][] = [
    ['no key', () => ({ BANK_CLIENT_KEY_FILE: '' }), 'BANK_CLIENT_KEY_FILE: goes with BANK_CLIENT_CERT_FILE'],
    ['no certificate', () => ({ BANK_CLIENT_CERT_FILE: '' }), 'BANK_CLIENT_CERT_FILE: goes with BANK_CLIENT_KEY_FILE'],
    ['no https', () => ({ BANK_URL: 'http://127.0.0.1:1' }), 'BANK_CLIENT_CERT_FILE: goes with a BANK_URL of https'],
    [
      'a certificate that isn’t there',
      () => ({ BANK_CLIENT_CERT_FILE: join(dir, 'nothing') }),
      "BANK_CLIENT_CERT_FILE: can't be read (ENOENT)",
    ],
    [
      'a key for a certificate',
      () => ({ BANK_CLIENT_CERT_FILE: ours.keyFile }),
      'BANK_CLIENT_CERT_FILE: must be a file of certificates (PEM)',
    ],
    [
      'a key that isn’t there',
      () => ({ BANK_CLIENT_KEY_FILE: join(dir, 'nothing') }),
      "BANK_CLIENT_KEY_FILE: can't be read (ENOENT)",
    ],
    [
      'a certificate for a key',
      () => ({ BANK_CLIENT_KEY_FILE: file('cert-as-key', ours.cert) }),
      'BANK_CLIENT_KEY_FILE: must be a private key (PEM)',
    ],
    [
      'a key that everybody may read',
      () => ({ BANK_CLIENT_KEY_FILE: file('open.key', ours.key, 0o444) }),
      'BANK_CLIENT_KEY_FILE: is open to everybody on this machine (chmod 0440)',
    ],
    [
      'an encrypted key',
      () => ({ BANK_CLIENT_KEY_FILE: encrypted() }),
      'BANK_CLIENT_KEY_FILE: is encrypted: must be a private key without a passphrase',
    ],
    [
      'another certificate’s key',
      () => ({ BANK_CLIENT_KEY_FILE: another.keyFile }),
      'BANK_CLIENT_KEY_FILE: is not the key of the first certificate',
    ],
  ]
  it.each(bad)('is refused with %s, in one sentence that names the variable', (_, change, sentence) => {
    expect(faultsOf(change())).toEqual([sentence])
  })

  it.each([
    ['is over', 3 * DAY_MS, /^its certificate expired at \d{4}-\d\d-\d\dT[\d:.]+Z$/],
    ['hasn’t come', -DAY_MS, /^its certificate isn't valid before \d{4}-\d\d-\d\dT[\d:.]+Z$/],
  ])('keeps no house from starting when its time %s, and the log says so', (_, fromNowMs, fault) => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + fromNowMs)
    const log = { info: jest.fn(), error: jest.fn() }
    watchCertificate(log as never, readConfig(GOOD).channels.bank.clientCertificate)
    expect(log.error.mock.calls).toEqual([
      [{ fault: expect.stringMatching(fault) }, 'the bank will refuse our client certificate: nobody pays through it'],
    ])
  })

  it('whose time is now is no error', () => {
    const log = { info: jest.fn(), error: jest.fn() }
    watchCertificate(log as never, readConfig(GOOD).channels.bank.clientCertificate)
    expect([log.info.mock.calls.length, log.error.mock.calls]).toEqual([1, []])
  })

  it('is not replaced by one whose time is over', () => {
    const [certFile, keyFile] = [file('kept.pem', ours.cert, 0o600), file('kept.key', ours.key, 0o600)]
    const env = { ...GOOD, BANK_CLIENT_CERT_FILE: certFile, BANK_CLIENT_KEY_FILE: keyFile }
    const certificates = readConfig(env).channels.bank.clientCertificate!
    const news = jest.fn()
    certificates.onNews(news)
    copyFileSync(another.certFile, certFile)
    writeFileSync(keyFile, another.key)
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3 * DAY_MS)
    expect(certificates.now().cert).toBe(ours.cert)
    expect(news.mock.calls).toEqual([
      [{ kind: 'refused', fault: expect.stringMatching(/^BANK_CLIENT_CERT_FILE: its certificate expired at /) }],
    ])
  })

  it('has its key from no environment in production', () => {
    const faults = faultsOf({ NODE_ENV: 'production', BANK_CLIENT_KEY_FILE: '', BANK_CLIENT_KEY: ours.key })
    expect(faults).toContainEqual(
      expect.stringMatching(/^BANK_CLIENT_KEY: comes from a file or a program in production, BANK_CLIENT_KEY_FILE or /),
    )
    expect(faults.join()).not.toContain('PRIVATE KEY-')
  })

  it('is read anew when its files are replaced, and stays while they don’t belong together', () => {
    const [certFile, keyFile] = [file('live.pem', ours.cert, 0o600), file('live.key', ours.key, 0o600)]
    const env = { ...GOOD, BANK_CLIENT_CERT_FILE: certFile, BANK_CLIENT_KEY_FILE: keyFile }
    const certificates = readConfig(env).channels.bank.clientCertificate!
    const news = jest.fn()
    certificates.onNews(news)
    copyFileSync(another.certFile, certFile)
    expect(certificates.now().cert).toBe(ours.cert)
    expect(certificates.now().cert).toBe(ours.cert)
    writeFileSync(keyFile, another.key)
    expect(certificates.now()).toMatchObject({ cert: another.cert, key: another.key.trim() })
    rmSync(certFile)
    expect(certificates.now().cert).toBe(another.cert)
    expect(news.mock.calls.map(([one]) => one)).toEqual([
      { kind: 'refused', fault: 'BANK_CLIENT_KEY_FILE: is not the key of the first certificate' },
      { kind: 'taken', expiresAt: expect.any(Number) },
      { kind: 'refused', fault: "BANK_CLIENT_CERT_FILE: can't be read (ENOENT)" },
    ])
  })
})

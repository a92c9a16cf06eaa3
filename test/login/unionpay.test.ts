import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { LoginUnavailable } from '../../server/flow/ports'
import { membersOf } from '../../server/login/qra'
import { type UnionPayOptions, unionPayPage, unionPayPageLogin } from '../../server/login/unionpay'
import { CODE_LIVES_MS } from '../../server/sandbox/unionpay/people'
import { startUnionPayServer, type UnionPayServer } from '../../server/sandbox/unionpay/server'

const QRA = 'QRA777290058140'
const PUBLIC = 'https://pay.bank.example'
const CLOUDPAY = 'Mozilla/5.0 (iPhone) UnionPay/1.0 CloudPay (clientVersion 183)'

describe('log-in in UnionPay’s apps', () => {
  let server: UnionPayServer
  let now = 1_795_851_600_000
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const faults: { code: string | null; reason: string }[] = []
  const login = () => unionPayPageLogin({ openUrl: server.url, publicUrl: PUBLIC })
  beforeAll(async () => {
    server = await startUnionPayServer({
      client: { certId: '1', publicKey: keys.publicKey, merIds: '777' },
      qra: { mchId: QRA, publicKey: keys.publicKey, redirectHost: 'pay.bank.example' },
      production: false,
      now: () => now,
    })
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    faults.length = 0
  })

  const ask = (code: string, more: Partial<UnionPayOptions> = {}) =>
    unionPayPage({
      ...{ url: `${server.url}/pay/gateway`, mchId: QRA, timeoutMs: 10_000, random: randomBytes },
      privateKey: createPrivateKey(keys.privateKey),
      unionPayKey: createPublicKey(server.publicKey),
      onFault: (fault) => void faults.push(fault),
      ...more,
    }).exchange(code)
  /** A browser's way there and back: what it comes back with, as our server reads it. */
  async function visit(userAgent: string, person = 'li') {
    const headers = { 'user-agent': userAgent, cookie: `unionpay=${person}` }
    const reply = await fetch(login().address('a1b2'), { headers, redirect: 'manual' })
    const back = new URL(reply.headers.get('location')!)
    const given = back.searchParams.get('userAuthCode') ?? ''
    return { back, code: login().codeOf!(given, userAgent) }
  }

  it('names a person by the code that the browser comes back with, with the state that it was sent off with', async () => {
    const { back, code } = await visit(CLOUDPAY)
    expect(back.origin + back.pathname).toBe(`${PUBLIC}/login/unionpay/back`)
    expect([back.searchParams.get('state'), back.searchParams.get('respCode')]).toEqual(['a1b2', '00'])
    const subject = server.people.userIdOf('li')
    expect(await ask(code)).toEqual({ provider: 'unionpay', appId: QRA, subject, union: null })
    expect(faults).toEqual([])
  })

  it('an app that can’t do it brings no code, and nobody is asked', async () => {
    const { back, code } = await visit('Mozilla/5.0 (iPhone)')
    expect(back.searchParams.get('respCode')).toBe('34')
    expect(await ask(code, { url: 'http://127.0.0.1:9' })).toEqual({ refused: 'code' })
  })

  it('a code is good once, for a while, and in the app that it was given in', async () => {
    const { code } = await visit(CLOUDPAY)
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(code)))
    expect(answers.filter((answer) => 'subject' in answer)).toHaveLength(1)
    const late = await visit(CLOUDPAY)
    const elsewhere = (await visit(CLOUDPAY)).code.replace('CloudPay', 'CCBLoongPay')
    expect(await ask(elsewhere)).toEqual({ refused: 'code' })
    now += CODE_LIVES_MS + 1
    expect(await ask(late.code)).toEqual({ refused: 'code' })
    expect(faults).toEqual([])
  })

  it.each([
    '',
    '|',
    'x',
    'UnionPay/1.0 CloudPay|',
    'UnionPay/1.0 CloudPay|a|b',
    'UnionPay/1.0 CloudPay|]]><x>',
    'UnionPay/1.0 CloudPay|never',
  ])('a code of nobody’s is refused: %j', async (code) => {
    expect(await ask(code)).toEqual({ refused: 'code' })
  })

  it.each([
    ['another’s key', () => ({ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }), '401'],
    ['a merchant that isn’t there', () => ({ mchId: 'QRA000000000000' }), null],
    ['a key that isn’t UnionPay’s', () => ({ unionPayKey: createPublicKey(keys.publicKey) }), null],
    ['a page of somebody else', () => ({ url: `${server.url}/nowhere` }), null],
    ['nobody there', () => ({ url: 'http://127.0.0.1:9' }), null],
  ])('%s is our fault and an alarm, and says nothing of the person', async (_, wrong, code) => {
    const { code: given } = await visit(CLOUDPAY)
    await expect(ask(given, wrong())).rejects.toBeInstanceOf(LoginUnavailable)
    expect(faults).toEqual([{ code, reason: expect.any(String) }])
  })

  it('busy is no refusal', async () => {
    server.people.busy.push('SYSTEMERROR')
    await expect(ask((await visit(CLOUDPAY)).code)).rejects.toBeInstanceOf(LoginUnavailable)
  })

  it('reads flat XML and nothing else of it', () => {
    expect(membersOf('<xml><a><![CDATA[1&<2]]></a>\n<b>3</b></xml>')).toEqual({ a: '1&<2', b: '3' })
    for (const text of [
      '<xml><a>1</a><a>2</a></xml>',
      '<xml><a x="1">1</a></xml>',
      '<xml><a><b>1</b></a></xml>',
      '<!DOCTYPE xml [<!ENTITY e "x">]><xml><a>&e;</a></xml>',
      '<xml><a>&e;</a></xml>',
      '<xml>text</xml>',
      '{}',
      '',
    ])
      expect(membersOf(text)).toBeUndefined()
  })
})

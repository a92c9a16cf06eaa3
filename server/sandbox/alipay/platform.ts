import { createHash, createSign, createVerify, randomBytes } from 'node:crypto'

/**
 * What Alipay's gateway knows and checks about log-ins: apps with their public keys, people, codes that are good once, for a while, in
 * the app that asked. Written apart from the log-in it is held against. It keeps nothing beyond its process.
 */

export interface AlipayApp {
  appId: string
  /** the app's, PEM */
  publicKey: string
  /** the one host that its people may be sent back to (授权回调地址) */
  redirectHost: string
  /** how it names people */
  names: 'open_id' | 'user_id' | 'both'
  /** in certificate mode: what its requests must name */
  certificates?: { appCertSn: string; rootCertSn: string } | undefined
}

export const CODE_LIVES_MS = 10 * 60_000
/** how far an app's clock may be off */
export const CLOCK_MS = 10 * 60_000

interface Code {
  appId: string
  person: string
  madeAt: number
  used: boolean
}

type Params = Record<string, string>

export class AlipayPlatform {
  private readonly codes = new Map<string, Code>()
  /** sub codes for the next questions, before anything is looked at */
  readonly busy: string[] = []

  constructor(
    private readonly apps: readonly AlipayApp[],
    private readonly privateKey: string,
    private readonly now: () => number,
    /** in certificate mode: by which its replies say that they are signed */
    readonly certSn: string | null = null,
  ) {}

  code(appId: string, person: string): string {
    const code = randomBytes(16).toString('hex')
    this.codes.set(code, { appId, person, madeAt: this.now(), used: false })
    return code
  }

  /** `/oauth2/publicAppAuthorize.htm`, which asks nobody anything for `auth_base`; undefined: it shows an error. */
  authorize(query: URLSearchParams, person: string): string | undefined {
    const app = this.apps.find(({ appId }) => appId === query.get('app_id'))
    const back = query.get('redirect_uri') ?? ''
    if (!app || !URL.canParse(back) || new URL(back).host !== app.redirectHost) return undefined
    if (query.get('scope') !== 'auth_base' || !/^[A-Za-z0-9]{1,100}$/.test(query.get('state') ?? '')) return undefined
    const location = new URL(back)
    const told = { app_id: app.appId, source: 'alipay_wallet', scope: 'auth_base', state: query.get('state')! }
    for (const [name, value] of Object.entries({ ...told, auth_code: this.code(app.appId, person) }))
      location.searchParams.set(name, value)
    return location.href
  }

  /** `/gateway.do`, of a log-in: the text of the reply. */
  answer(params: Params): string {
    const said = this.busy.shift() ?? this.faultOf(params) ?? this.redeem(params)
    return typeof said === 'string'
      ? replyText('error_response', errorOf(said), this.privateKey, this.certSn)
      : replyText('alipay_system_oauth_token_response', said, this.privateKey, this.certSn)
  }

  /** A person's ids in an app. */
  idsOf(appId: string, person: string): { open_id?: string; user_id?: string } {
    const app = this.apps.find((one) => one.appId === appId)!
    const hash = (text: string) => createHash('sha256').update(text).digest()
    const open_id = `0${hash(`${appId}|${person}`).toString('base64url')}`
    const user_id = `2088${(hash(person).readBigUInt64BE() % 10n ** 12n).toString().padStart(12, '0')}`
    return { ...(app.names !== 'user_id' && { open_id }), ...(app.names !== 'open_id' && { user_id }) }
  }

  /** What is wrong with a request whatever it asks for: who sent it, when, and in which form. */
  faultOf(params: Params): string | undefined {
    const app = this.apps.find(({ appId }) => appId === params.app_id)
    if (!app) return 'isv.invalid-app-id'
    if ((params.format ?? 'JSON') !== 'JSON' || params.charset !== 'utf-8' || params.version !== '1.0')
      return 'isv.invalid-parameter'
    if (params.sign_type !== 'RSA2') return 'isv.invalid-signature-type'
    const { appCertSn, rootCertSn } = app.certificates ?? {}
    if (params.app_cert_sn !== appCertSn) return 'isv.invalid-app-cert-sn'
    if (params.alipay_root_cert_sn !== rootCertSn) return 'isv.invalid-root-cert-sn'
    if (!signed(params, app.publicKey)) return 'isv.invalid-signature'
    const at = Date.parse(`${params.timestamp?.replace(' ', 'T')}+08:00`)
    if (!(Math.abs(at - this.now()) <= CLOCK_MS)) return 'isv.invalid-timestamp'
    return undefined
  }

  private redeem(params: Params): object | string {
    if (params.method !== 'alipay.system.oauth.token') return 'isv.invalid-method'
    if (params.grant_type !== 'authorization_code') return 'isv.grant-type-invalid'
    const code = this.codes.get(params.code ?? '')
    if (!code || code.used || code.appId !== params.app_id || this.now() - code.madeAt > CODE_LIVES_MS)
      return 'isv.code-invalid'
    code.used = true
    const token = () => `auth/${randomBytes(16).toString('hex')}`
    const times = { expires_in: '3600', re_expires_in: '3600', auth_start: '2026-11-28 12:00:00' }
    return { ...this.idsOf(code.appId, code.person), access_token: token(), refresh_token: token(), ...times }
  }
}

function signed({ sign = '', ...params }: Params, publicKey: string): boolean {
  const pairs = Object.entries(params).filter(([, value]) => value !== '')
  const text = pairs
    .map((pair) => pair.join('='))
    .sort()
    .join('&')
  return createVerify('RSA-SHA256').update(text).verify(publicKey, sign, 'base64')
}

/** Signed over the text of its value, which has blanks and escapes that no parser would keep; null: nobody signs it. */
export function replyText(
  name: string,
  value: object,
  privateKey: string | null,
  certSn: string | null = null,
): string {
  const raw = JSON.stringify(value, null, 1).replaceAll('/', '\\/')
  if (privateKey === null) return `{"${name}":${raw}}`
  const by = certSn === null ? '' : `"alipay_cert_sn":"${certSn}",`
  return `{${by}"${name}":${raw},"sign":"${createSign('RSA-SHA256').update(raw).sign(privateKey, 'base64')}"}`
}

export const errorOf = (subCode: string) => ({
  code: subCode.startsWith('isp.') ? '20000' : '40002',
  msg: subCode.startsWith('isp.') ? 'Service Currently Unavailable' : 'Invalid Arguments',
  sub_code: subCode,
  sub_msg: subCode === 'isv.code-invalid' ? '授权码code无效' : '参数/配置有误',
})

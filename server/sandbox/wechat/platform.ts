import { createHash, randomBytes } from 'node:crypto'

/**
 * What WeChat knows and checks about log-ins: apps with their secrets, people, codes that are good once, for five minutes, in the app
 * that asked. Errors as WeChat words them ("小程序登录", "网页授权"). It keeps nothing beyond its process.
 */

export interface WechatApp {
  appId: string
  secret: string
  kind: 'weapp' | 'page'
  /** of a page: the one host that its people may be sent back to (网页授权域名) */
  redirectHost?: string
  /** bound to the owner's Open Platform account: its people have a unionid */
  united: boolean
}

export interface Errcode {
  errcode: number
  errmsg: string
}

export const CODE_LIVES_MS = 5 * 60_000
export const TOKEN_LIVES_MS = 7_200_000
export const TOKEN_OVERLAP_MS = 5 * 60_000
/** log-ins of one person in one app within a minute */
export const LOGINS_A_MINUTE = 100

interface Code {
  appId: string
  person: string
  madeAt: number
  used: boolean
}

export class WechatPlatform {
  private readonly codes = new Map<string, Code>()
  private readonly logins = new Map<string, number[]>()
  private readonly tokens = new Map<string, { text: string; endsAt: number }[]>()
  /** how often a token was given */
  tokensAsked = 0
  /** people who are refused as a risk */
  readonly blocked = new Set<string>()
  /** people who only look at a snapshot of the page, whose openid is nobody's */
  readonly snapshots = new Set<string>()
  /** errcodes for the next questions, before anything is looked at: -1 is "busy" */
  readonly busy: number[] = []

  constructor(
    private readonly apps: readonly WechatApp[],
    private readonly now: () => number,
  ) {}

  app(appId: string | null): WechatApp | undefined {
    return this.apps.find((app) => app.appId === appId)
  }

  /** What `wx.login`, or the way through the authorisation page, gives to the client. */
  code(appId: string, person: string): string {
    const code = `0${randomBytes(16).toString('hex')}`.slice(0, 32)
    this.codes.set(code, { appId, person, madeAt: this.now(), used: false })
    return code
  }

  /**
   * `/connect/oauth2/authorize`, which asks nobody anything for `snsapi_base`: where the person's browser goes next, or the page of an
   * error. The parameters must stand in WeChat's order.
   */
  authorize(query: URLSearchParams, person: string): { location: string } | Errcode {
    const app = this.app(query.get('appid'))
    if (app?.kind !== 'page') return fault(40013)
    const [back, state] = [query.get('redirect_uri') ?? '', query.get('state') ?? '']
    if (!URL.canParse(back) || new URL(back).host !== app.redirectHost) return fault(10003)
    if ([...query.keys()].join() !== 'appid,redirect_uri,response_type,scope,state') return fault(10002)
    if (query.get('response_type') !== 'code' || query.get('scope') !== 'snsapi_base') return fault(10005)
    if (!/^[a-zA-Z0-9]{1,128}$/.test(state)) return fault(10002)
    const location = new URL(back)
    location.searchParams.set('code', this.code(app.appId, person))
    location.searchParams.set('state', state)
    return { location: location.href }
  }

  /** `/sns/jscode2session` */
  session(query: URLSearchParams): object | Errcode {
    const asked = this.exchange(query, 'weapp', 'js_code')
    if ('errcode' in asked) return asked
    const { app, person } = asked
    return { session_key: randomBytes(16).toString('base64'), ...this.ids(app, person) }
  }

  /** `/sns/oauth2/access_token` */
  accessToken(query: URLSearchParams): object | Errcode {
    const asked = this.exchange(query, 'page', 'code')
    if ('errcode' in asked) return asked
    const { app, person } = asked
    const token = () => randomBytes(48).toString('base64url')
    return {
      access_token: token(),
      expires_in: 7200,
      refresh_token: token(),
      scope: 'snsapi_base',
      ...this.ids(app, person),
      ...(this.snapshots.has(person) && { is_snapshotuser: 1 }),
    }
  }

  /**
   * `/cgi-bin/stable_token` in its normal mode: the same token for whoever asks, until its last five minutes; then a new one, and the old
   * one is good for five minutes more.
   */
  stableToken(asked: { grant_type?: unknown; appid?: unknown; secret?: unknown }): object | Errcode {
    const errcode = this.busy.shift()
    if (errcode !== undefined) return fault(errcode)
    const app = this.app(typeof asked.appid === 'string' ? asked.appid : null)
    if (!app) return fault(40013)
    if (app.secret !== asked.secret) return fault(40125)
    if (asked.grant_type !== 'client_credential') return fault(40002)
    const tokens = this.tokens.get(app.appId) ?? []
    let last = tokens.at(-1)
    if (!last || this.now() >= last.endsAt - TOKEN_OVERLAP_MS) {
      if (last) last.endsAt = Math.min(last.endsAt, this.now() + TOKEN_OVERLAP_MS)
      last = { text: randomBytes(96).toString('base64url'), endsAt: this.now() + TOKEN_LIVES_MS }
      this.tokens.set(app.appId, [...tokens, last])
    }
    this.tokensAsked++
    return { access_token: last.text, expires_in: Math.floor((last.endsAt - this.now()) / 1_000) }
  }

  /** Whether an interface would take it now. */
  takes(appId: string, token: string): boolean {
    return this.tokens.get(appId)?.some(({ text, endsAt }) => text === token && this.now() < endsAt) ?? false
  }

  /** Whose token that is; undefined: nobody's, or not any more. */
  appOf(token: string | null): WechatApp | undefined {
    return this.apps.find(({ appId }) => token !== null && this.takes(appId, token))
  }

  /** Its tokens are good no longer, as after its secret was changed. */
  revoke(appId: string): void {
    this.tokens.delete(appId)
  }

  /** A person's subjects in an app, as every log-in there names them. */
  idsOf(appId: string, person: string): object {
    return this.ids(this.app(appId)!, person)
  }

  private ids({ appId, united }: WechatApp, person: string) {
    const id = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 26)
    return { openid: `oW${id(`${appId}|${person}`)}`, ...(united && { unionid: `oU${id(person)}` }) }
  }

  private exchange(query: URLSearchParams, kind: WechatApp['kind'], codeName: string) {
    const errcode = this.busy.shift()
    if (errcode !== undefined) return fault(errcode)
    const [appId, secret, code] = ['appid', 'secret', codeName].map((name) => query.get(name))
    if (!appId) return fault(41002)
    if (!secret) return fault(41004)
    if (!code) return fault(41008)
    const app = this.app(appId)
    if (app?.kind !== kind) return fault(40013)
    if (app.secret !== secret) return fault(40125)
    if (query.get('grant_type') !== 'authorization_code') return fault(40002)
    return this.redeem(app, code)
  }

  private redeem(app: WechatApp, text: string): { app: WechatApp; person: string } | Errcode {
    const code = this.codes.get(text)
    if (!code || code.appId !== app.appId) return fault(40029)
    if (code.used) return fault(40163)
    if (this.now() - code.madeAt > CODE_LIVES_MS) return fault(40029)
    code.used = true
    if (this.blocked.has(code.person)) return fault(40226)
    if (this.tooOften(`${app.appId}|${code.person}`)) return fault(45011)
    return { app, person: code.person }
  }

  private tooOften(who: string): boolean {
    const recent = (this.logins.get(who) ?? []).filter((at) => this.now() - at < 60_000)
    this.logins.set(who, [...recent, this.now()])
    return recent.length >= LOGINS_A_MINUTE
  }
}

const MESSAGES: Record<number, string> = {
  [-1]: 'system error',
  10002: 'parameter error',
  10003: 'redirect_uri domain is not the one registered',
  10005: 'no such scope',
  40002: 'invalid grant_type',
  40013: 'invalid appid',
  40029: 'invalid code',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40226: 'code blocked',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41001: 'access_token missing',
  41008: 'missing code',
  40001: 'invalid credential, access_token is invalid or not latest',
  40003: 'invalid openid',
  40037: 'invalid template_id',
  41030: 'invalid page',
  43101: 'user refuse to accept the msg',
  47001: 'data format error',
  47003: 'argument invalid! data is not as the template has it',
  40097: 'invalid args',
  10060001: '支付单不存在',
  10060003: '支付单已使用重新发货机会',
  10060004: '支付单处于不可发货的状态',
  10060008: '商品描述 item_desc 字段不能为空',
  10060009: '商品描述 item_desc 字段太长',
  10060023: '发货信息未更新',
  10060031: '该笔支付单不属于 openid 所指定的用户',
  268485216: '上传时间非法，请按照 RFC 3339 格式填写',
  268485226: '物流单号不能为空',
  45011: 'api minute-quota reach limit  mustslower  retry next minute',
}

export const OK: Errcode = { errcode: 0, errmsg: 'ok' }
export const fault = (errcode: number): Errcode => ({
  errcode,
  errmsg: `${MESSAGES[errcode] ?? 'error'}, rid: ${rid()}`,
})
const rid = () => randomBytes(12).toString('hex')

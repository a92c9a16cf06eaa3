import { createHash, createVerify, randomBytes } from 'node:crypto'
import type { UnionPayKeys } from './keys'

/**
 * Who a payer is, as UnionPay says it: `userAuth` gives a browser in an app of UnionPay's a code, and QRA exchanges it, once, for a while, for
 * the app that it was given in.
 */

export interface QraMerchant {
  mchId: string
  /** PEM */
  publicKey: string
  /** the one host that its people may be sent back to */
  redirectHost: string
}

export const CODE_LIVES_MS = 5 * 60_000

type Members = Record<string, string>

interface Code {
  person: string
  app: string
  madeAt: number
  used: boolean
}

export class People {
  private readonly codes = new Map<string, Code>()
  /** err_codes for the next questions, before anything is looked at */
  readonly busy: string[] = []

  constructor(
    private readonly merchant: QraMerchant,
    private readonly keys: UnionPayKeys,
    private readonly now: () => number,
  ) {}

  /** A code has characters that an address writes otherwise. */
  code(person: string, app = 'UnionPay/1.0 CloudPay'): string {
    const code = `${randomBytes(12).toString('base64')}+/`
    this.codes.set(code, { person, app, madeAt: this.now(), used: false })
    return code
  }

  /** `/qrcGtwWeb-web/api/userAuth`, which asks nobody anything; undefined: it shows an error. An app that can't do it: respCode 34. */
  userAuth(query: URLSearchParams, userAgent: string, person: string): string | undefined {
    const back = query.get('redirectUrl') ?? ''
    if (query.get('version') !== '1.0.0' || !URL.canParse(back)) return undefined
    const location = new URL(back)
    if (location.host !== this.merchant.redirectHost) return undefined
    const app = /UnionPay\/[\d.]+ [A-Za-z0-9_-]+/.exec(userAgent)?.[0]
    location.searchParams.set('respCode', app ? '00' : '34')
    // As it is: who reads `+` as a blank has to put it back.
    const code = app ? `&userAuthCode=${this.code(person, app)}` : ''
    return `${location.href}${code}`
  }

  /** `pay.unionpay.userid`: signed XML to signed XML. */
  answer(xml: string): string {
    const asked = membersOf(xml)
    const said = this.answerTo(asked)
    const all: Members = {
      ...{ version: '2.0', charset: 'UTF-8', sign_type: 'RSA_1_256', mch_id: this.merchant.mchId },
      ...{ nonce_str: randomBytes(8).toString('hex'), ...said },
    }
    const sign = this.keys.signText(textOf(all))
    const cells = Object.entries({ ...all, sign }).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>\n`)
    return `<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n${cells.join('')}</xml>`
  }

  userIdOf(person: string): string {
    return createHash('sha256').update(`${this.merchant.mchId}|${person}`).digest('base64')
  }

  private answerTo(asked: Members): Members {
    const refused = (code: string) => ({ status: '0', result_code: '1', err_code: code, err_msg: '参数/配置有误' })
    const busy = this.busy.shift()
    if (busy) return refused(busy)
    const known = [
      'service',
      'version',
      'charset',
      'sign_type',
      'mch_id',
      'nonce_str',
      'sign',
      'user_auth_code',
      'app_up_identifier',
    ]
    if (Object.keys(asked).some((name) => !known.includes(name))) return { status: '400', message: '未知参数' }
    if (asked.mch_id !== this.merchant.mchId) return { status: '400', message: '商户不存在' }
    const { sign = '' } = asked
    if (!createVerify('RSA-SHA256').update(textOf(asked)).verify(this.merchant.publicKey, sign, 'base64'))
      return { status: '401', message: '验签失败' }
    if (asked.service !== 'pay.unionpay.userid' || asked.sign_type !== 'RSA_1_256')
      return { status: '400', message: '参数错误' }
    const code = this.codes.get(asked.user_auth_code ?? '')
    const good = code && !code.used && code.app === asked.app_up_identifier && this.now() - code.madeAt <= CODE_LIVES_MS
    if (!good) return refused('AUTH_CODE_INVALID')
    code.used = true
    return { status: '0', result_code: '0', user_id: this.userIdOf(code.person) }
  }
}

function textOf({ sign: _, ...members }: Members): string {
  return Object.keys(members)
    .filter((name) => members[name] !== '')
    .sort()
    .map((name) => `${name}=${members[name]}`)
    .join('&')
}

function membersOf(xml: string): Members {
  const found = [...xml.matchAll(/<(\w+)><!\[CDATA\[([\s\S]*?)\]\]><\/\1>/g)]
  return Object.fromEntries(found.map(([, name, value]) => [name!, value!]))
}

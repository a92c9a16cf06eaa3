import { type LoginProvider, LoginUnavailable, type PageLogin } from '../flow/ports'
import { askQra, type QraOptions } from './qra'

/** UnionPay's word on whom a `userAuthCode` stands for, without asking the person (`userAuth`). Source: docs/decisions/0044. */

export interface UnionPayOptions extends QraOptions {
  /** Something that only an operator can mend, or that should be counted. No code, key or id of a person is in it. */
  onFault(fault: { code: string | null; reason: string }): void
}

/** What the browser's app calls itself, which UnionPay is told beside the code: `UnionPay/1.0 CloudPay`. */
const APP = /\bUnionPay\/[\d.]{1,16} [A-Za-z0-9_-]{1,32}/

/** `publicUrl`: our origin as UnionPay's apps see it. They hand no state back, so it stands in the address that they come back to. */
export function unionPayPageLogin({ openUrl, publicUrl }: { openUrl: string; publicUrl: string }): PageLogin {
  return {
    platform: 'unionpay-h5',
    codeName: 'userAuthCode',
    secure: publicUrl.startsWith('https:'),
    address(state) {
      const back = encodeURIComponent(`${publicUrl}/login/unionpay/back?state=${state}`)
      return `${openUrl}/qrcGtwWeb-web/api/userAuth?version=1.0.0&redirectUrl=${back}`
    },
    // An app that can't do it sends respCode 34 and no code.
    codeOf: (given, userAgent) => `${APP.exec(userAgent)?.[0] ?? ''}|${given.replaceAll(' ', '+')}`,
  }
}

/** The code is wrong, used or too old. */
const CODE = new Set(['AUTH_CODE_INVALID', 'AUTH_CODE_EXPIRED'])

export function unionPayPage(options: UnionPayOptions): LoginProvider {
  const unavailable = (code: string | null, reason: string) => {
    options.onFault({ code, reason })
    return new LoginUnavailable(`UnionPay: ${reason}`)
  }
  return {
    async exchange(code) {
      const [app = '', given = '', ...more] = code.split('|')
      if (app === '' || !/^[\w+/=.-]{1,256}$/.test(given) || more.length > 0) return { refused: 'code' }
      const asked = { user_auth_code: given, app_up_identifier: app }
      const answer = await askQra(options, 'pay.unionpay.userid', asked)
      if (answer.kind === 'nothing') throw unavailable(null, answer.reason)
      if (answer.kind === 'refused') {
        if (CODE.has(answer.code)) return { refused: 'code' }
        throw unavailable(answer.code, 'an error of the configuration or its own')
      }
      const { user_id: subject = '' } = answer.value
      if (!/^[\x21-\x7e]{1,128}$/.test(subject)) throw unavailable(null, 'an answer that names nobody')
      return { provider: 'unionpay', appId: options.mchId, subject, union: null }
    },
  }
}

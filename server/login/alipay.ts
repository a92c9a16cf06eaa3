import { type LoginProvider, LoginUnavailable, type PageLogin } from '../flow/ports'
import { askGateway, type GatewayOptions } from './alipay-gateway'

/** Alipay's word on whom an `auth_code` stands for, without asking the person (`auth_base`). Source: opendocs.alipay.com, "网页授权". */

export interface AlipayOptions extends GatewayOptions {
  /** Something that only an operator can mend, or that should be counted. No code, key or id of a person is in it. */
  onFault(fault: { subCode: string | null; reason: string }): void
}

/** `publicUrl`: our origin as Alipay's browser sees it, registered there as 授权回调地址. */
export function alipayPageLogin(options: { openUrl: string; appId: string; publicUrl: string }): PageLogin {
  const back = encodeURIComponent(`${options.publicUrl}/login/alipay/back`)
  return {
    platform: 'alipay-h5',
    codeName: 'auth_code',
    secure: options.publicUrl.startsWith('https:'),
    address: (state) =>
      `${options.openUrl}/oauth2/publicAppAuthorize.htm?app_id=${options.appId}&scope=auth_base&redirect_uri=${back}&state=${state}`,
  }
}

/** New apps name a person by `open_id`, older ones by `user_id`; where both are told, the second joins the owner's apps. */
export function alipayPage(options: AlipayOptions): LoginProvider {
  const { appId, onFault } = options
  const unavailable = (subCode: string | null, reason: string) => {
    onFault({ subCode, reason })
    return new LoginUnavailable(`Alipay: ${reason}`)
  }
  return {
    async exchange(code) {
      const answer = await askGateway(options, 'alipay.system.oauth.token', { grant_type: 'authorization_code', code })
      if (answer.kind === 'nothing') throw unavailable(null, answer.reason)
      if (answer.kind === 'refused') {
        if (answer.subCode === 'isv.code-invalid') return { refused: 'code' }
        throw unavailable(answer.subCode, 'an error of the configuration or its own')
      }
      const [openId, userId] = [textOf(answer.value.open_id), textOf(answer.value.user_id)]
      const subject = openId ?? userId
      if (subject === undefined) throw unavailable(null, 'an answer that names nobody')
      const union = openId && userId ? ({ provider: 'alipay-user', appId: '', subject: userId } as const) : null
      return { provider: 'alipay', appId, subject, union }
    },
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= 128 ? value : undefined
}

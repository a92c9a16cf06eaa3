/**
 * Every secret there is, whose value nobody else is to read. Each may come from a file, `<name>_FILE`, or from a program, `<name>_COMMAND`
 * (secret-file.ts); in production none stands in the environment but those that are `open`.
 */
const TABLE = {
  MASTER_KEY: { wrapped: true },
  MASTER_KEYS_PREVIOUS: { wrapped: true, lines: true },
  BANK_PRIVATE_KEY: { wrapped: true },
  BANK_CLIENT_KEY: { lines: true },
  OIDC_CLIENT_SECRET: {},
  WECHAT_SECRET: {},
  WECHAT_PAGE_SECRET: {},
  ALIPAY_PRIVATE_KEY: { lines: true },
  ALIPAY_APP_AUTH_TOKEN: {},
  UNIONPAY_PRIVATE_KEY: { lines: true },
  UNIONPAY_QRA_PRIVATE_KEY: { lines: true },
  WECHATPAY_PRIVATE_KEY: { lines: true },
  WECHATPAY_API_V3_KEY: {},
  WECHATPAY_API_V2_KEY: {},
  NOTIFY_WEBHOOK_SECRET: {},
  NOTIFY_WECOM_URL: {},
  KMS_TOKEN: {},
  REDIS_SENTINEL_PASSWORD: {},
  // The addresses of the stores hold passwords; where those come by a socket's owner or a certificate, they hold none.
  DATABASE_URL: { open: true },
  REDIS_URL: { open: true },
} as const satisfies Record<string, Traits>

interface Traits {
  /** may stand in the environment in production */
  open?: true
  /** a key of 32 bytes, or a list of them, that may stand there wrapped: a key service opens it (keys.ts) */
  wrapped?: true
  /** a key as PEM or base64 has it, or a list; every other secret is one line */
  lines?: true
}

export type Secret = keyof typeof TABLE
export type Wrappable = { [Name in Secret]: (typeof TABLE)[Name] extends { wrapped: true } ? Name : never }[Secret]

const traitsOf = (name: Secret): Traits => TABLE[name]

export const SECRETS = Object.keys(TABLE) as Secret[]
/** What production takes from no environment: it is inherited, listed and dumped, a file is its reader's. */
export const KEYS = SECRETS.filter((name) => !traitsOf(name).open)
export const WRAPPABLE = SECRETS.filter((name): name is Wrappable => traitsOf(name).wrapped === true)
export const hasLines = (name: Secret): boolean => traitsOf(name).lines === true

import { z } from 'zod'

/** What the sandbox's WeChat Pay is started with: the process takes it as its first message. */
export const wechatpayOptions = z.object({
  /** true makes it refuse to start */
  production: z.boolean(),
  /** 0 takes a free one */
  port: z.int().min(0).max(65_535).default(0),
  /** where its books are; null keeps none, for tests */
  dataDir: z.string().nullable(),
  keys: z.object({
    mchId: z.string(),
    serial: z.string(),
    clientKey: z.string(),
    apiV3Key: z.string().length(32),
    apiV2Key: z.string().length(32),
    publicKeyId: z.string(),
    platformKey: z.string(),
    certificateSerial: z.string(),
    certificateKey: z.string(),
    certificate: z.string(),
  }),
  /** bound to the service provider; null: whatever is named as an app */
  appIds: z.array(z.string()).min(1).nullable(),
  /** its sub-merchants, with their names; null: whoever is named */
  subMerchants: z.record(z.string(), z.string()).nullable(),
  /** the service provider's receipt (商家小票链接), framed after a payment; null: it has none */
  receiptUrl: z.url().nullable().default(null),
  /** guards the /sandbox routes, but for the person's page */
  adminToken: z.string().min(16),
})
export type WechatpayServerOptions = z.output<typeof wechatpayOptions>
export type WechatpayServerInput = z.input<typeof wechatpayOptions>

import { z } from 'zod'
import { runProcess } from '../process'
import { startUnionPayServer } from './server'

const unionpayOptions = z.object({
  client: z.object({ certId: z.string(), publicKey: z.string(), merIds: z.string() }),
  qra: z.object({ mchId: z.string(), publicKey: z.string(), redirectHost: z.string() }),
  port: z.int().min(0).max(65_535),
  dataDir: z.string(),
  keys: z.object({
    authorities: z.string(),
    privateKey: z.string(),
    certificates: z.record(z.enum(['own', 'other-owner', 'expired', 'self-made']), z.string()),
  }),
})

/** The sandbox's UnionPay as a process. */
runProcess('unionpay', unionpayOptions, async (options) => {
  const { url, publicKey, stop } = await startUnionPayServer({ ...options, production: false })
  return { stop, said: { url, publicKey } }
})

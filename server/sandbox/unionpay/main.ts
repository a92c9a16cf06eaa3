import { z } from 'zod'
import { runProcess } from '../process'
import { startUnionPayServer } from './server'

const unionpayOptions = z.object({
  client: z.object({ certId: z.string(), publicKey: z.string(), merIds: z.string() }),
  qra: z.object({ mchId: z.string(), publicKey: z.string(), redirectHost: z.string() }),
  file: z.string(),
})

/** The sandbox's UnionPay as a process. */
runProcess('unionpay', unionpayOptions, async (options) => {
  const { url, authorities, publicKey, stop } = await startUnionPayServer({ ...options, production: false })
  return { stop, said: { url, authorities, publicKey } }
})

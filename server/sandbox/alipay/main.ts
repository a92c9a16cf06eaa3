import { z } from 'zod'
import { runProcess } from '../process'
import { startAlipayServer } from './server'

const alipayOptions = z.strictObject({
  production: z.boolean(),
  sellerId: z.string(),
  port: z.int().min(0).max(65_535),
  /** where its books are kept */
  dataDir: z.string(),
  keys: z.object({ publicKey: z.string(), privateKey: z.string() }),
  apps: z.array(
    z.strictObject({
      appId: z.string(),
      publicKey: z.string(),
      redirectHost: z.string(),
      names: z.enum(['open_id', 'user_id', 'both']),
    }),
  ),
})

/** The sandbox's Alipay as a process. */
runProcess('Alipay', alipayOptions, async (options) => {
  const { url, stop } = await startAlipayServer(options)
  return { stop, said: { url } }
})

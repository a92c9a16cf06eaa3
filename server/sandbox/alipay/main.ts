import { z } from 'zod'
import { runProcess } from '../process'
import { startAlipayServer } from './server'

const alipayOptions = z.strictObject({
  production: z.boolean(),
  sellerId: z.string(),
  /** where its books are kept */
  file: z.string(),
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
  const { url, publicKey, stop } = await startAlipayServer(options)
  return { stop, said: { url, publicKey } }
})

import { z } from 'zod'
import { startAlipayServer } from './server'

/**
 * The sandbox's Alipay as a process. It never outlives its parent, however that died. Forked, it takes its options as the first message,
 * answers `{kind: 'listening', url, publicKey}` or `{kind: 'failed', message}`, and ends with the IPC channel.
 */

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

async function main(): Promise<void> {
  const options = alipayOptions.parse(await new Promise((resolve) => process.once('message', resolve)))
  const { url, publicKey, stop: stopServer } = await startAlipayServer(options)
  const stop = async () => {
    await stopServer()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  // Ctrl-C reaches the whole group: a parent still has payments to finish, and ends us when they are done.
  process.on('SIGINT', () => {})
  process.once('disconnect', stop)
  process.send?.({ kind: 'listening', url, publicKey })
}

main().catch((error: unknown) => {
  const said = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : error
  process.send?.({ kind: 'failed', message: `sandbox Alipay: ${said}` })
  process.exitCode = 1
  process.disconnect?.()
})

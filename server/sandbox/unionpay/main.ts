import { z } from 'zod'
import { startUnionPayServer } from './server'

/**
 * The sandbox's UnionPay as a process of its own. Forked, it takes its options as the first message, answers `{kind: 'listening', …}` or
 * `{kind: 'failed', message}`, and ends with the channel to its parent, however that died.
 */

const options = z.object({
  client: z.object({ certId: z.string(), publicKey: z.string(), merIds: z.string() }),
  qra: z.object({ mchId: z.string(), publicKey: z.string(), redirectHost: z.string() }),
  file: z.string(),
})

async function main(): Promise<void> {
  const told = await new Promise<unknown>((resolve) => process.once('message', resolve))
  const server = await startUnionPayServer({ ...options.parse(told), production: false })
  const stop = async () => {
    await server.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  // Ctrl-C reaches the whole group: a parent still has payments to finish, and ends us when they are done.
  process.on('SIGINT', () => {})
  process.once('disconnect', stop)
  const { url, authorities, publicKey } = server
  process.send?.({ kind: 'listening', url, authorities, publicKey })
}

main().catch((error: unknown) => {
  const message = `sandbox unionpay: ${error instanceof Error ? error.message : error}`
  process.send?.({ kind: 'failed', message })
  process.exitCode = 1
  process.disconnect?.()
})

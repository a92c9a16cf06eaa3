import { z } from 'zod'
import { wechatpayOptions } from './options'
import { startWechatpayServer } from './server'

/**
 * WeChat Pay of the sandbox as a process. It never outlives its parent, however that died.
 * Forked, it takes its options as the first message (they hold a key, which an argument would show to everyone), answers
 * `{kind: 'listening', port}` or `{kind: 'failed', message}`, and ends with the IPC channel. Otherwise it takes them as one
 * JSON argument, prints `{"port": …}` and ends when its standard input does.
 */
async function main(): Promise<void> {
  const options = wechatpayOptions.parse(await told())
  const server = await startWechatpayServer(options)
  const stop = async () => {
    await server.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  // Ctrl-C reaches the whole group: a parent still has payments to finish, and ends us when they are done.
  if (process.send || !process.stdin.isTTY) process.on('SIGINT', () => {})
  if (process.send) {
    process.once('disconnect', stop)
    process.send({ kind: 'listening', port: server.port })
  } else {
    process.stdin.resume().once('close', stop)
    process.stdout.write(`${JSON.stringify({ port: server.port })}\n`)
  }
}

function told(): Promise<unknown> {
  if (!process.send) return Promise.resolve(JSON.parse(process.argv[2] ?? 'null'))
  return new Promise((resolve) => process.once('message', resolve))
}

main().catch((error: unknown) => {
  const said = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : error
  const message = `sandbox WeChat Pay: ${said}`
  console.error(message)
  process.send?.({ kind: 'failed', message })
  process.exitCode = 1
  process.disconnect?.()
})

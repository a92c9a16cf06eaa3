import { bankOptions } from './options'
import { startBankServer } from './server'

/**
 * The sandbox bank as a process: `main <options as JSON>`. It never outlives its parent, however that died.
 * Forked, it sends `{kind: 'listening', port}` (or `{kind: 'failed', message}`) and ends with the IPC channel. Otherwise
 * it prints `{"port": …}` and ends when its standard input does.
 */
async function main(): Promise<void> {
  const options = bankOptions.parse(JSON.parse(process.argv[2] ?? 'null'))
  const server = await startBankServer(options)
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

main().catch((error: unknown) => {
  const message = `sandbox bank: ${error instanceof Error ? error.message : error}`
  console.error(message)
  process.send?.({ kind: 'failed', message })
  process.exitCode = 1
  process.disconnect?.()
})

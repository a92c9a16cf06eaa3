import './meter'
import pino from 'pino'
import { readConfig } from '../server/config'
import { startBff } from '../server/main'

/** The real BFF with a meter in it: what server/main.ts starts, with its configuration from the environment. */
async function main(): Promise<void> {
  const config = readConfig()
  const running = await startBff(config, pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false })))
  const stop = async () => {
    await running.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
  process.send?.({ kind: 'listening', url: running.url })
}

main().catch((error) => {
  process.send?.({ kind: 'failed', message: String(error?.stack ?? error) })
  process.exitCode = 1
  process.disconnect?.()
})

import './meter'
import { join } from 'node:path'

const SERVER = join(__dirname, '..', 'dist', 'server')

/** The real BFF with a meter in it: the compiled server, as in production, configured by the environment. */
async function main(): Promise<void> {
  const { readConfig } = require(join(SERVER, 'config')) as typeof import('../server/config')
  const { startBff } = require(join(SERVER, 'main')) as typeof import('../server/main')
  const { openLog } = require(join(SERVER, 'log')) as typeof import('../server/log')
  const config = readConfig()
  const running = await startBff(config, openLog(config.logLevel, 'later'))
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

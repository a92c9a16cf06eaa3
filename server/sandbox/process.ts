import { z } from 'zod'

export interface Server {
  stop(): Promise<void>
  /** what whoever starts it is told beside that it listens */
  said: object
}

/**
 * A server of the sandbox as a process. It never outlives its parent, however that died.
 * Forked, it takes its options as the first message (they hold a key, which an argument would show to everyone), answers
 * `{kind: 'listening', …}` or `{kind: 'failed', message}`, and ends with the IPC channel. Otherwise it takes them as one
 * JSON argument, prints what it would say and ends when its standard input does.
 */
export function runProcess<O>(name: string, options: z.ZodType<O>, start: (options: O) => Promise<Server>): void {
  run(options, start).catch((error: unknown) => {
    const said = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : error
    const message = `sandbox ${name}: ${said}`
    console.error(message)
    process.send?.({ kind: 'failed', message })
    process.exitCode = 1
    process.disconnect?.()
  })
}

async function run<O>(options: z.ZodType<O>, start: (options: O) => Promise<Server>): Promise<void> {
  let server: Server | undefined
  const stop = async () => {
    await server?.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  // Ctrl-C reaches the whole group: a parent still has payments to finish, and ends us when they are done.
  if (process.send || !process.stdin.isTTY) process.on('SIGINT', () => {})
  // Also of a parent that goes while we still start.
  process.once('disconnect', stop)
  server = await start(options.parse(await told()))
  if (process.send) {
    process.send({ kind: 'listening', ...server.said })
  } else {
    process.stdin.resume().once('close', stop)
    process.stdout.write(`${JSON.stringify(server.said)}\n`)
  }
}

function told(): Promise<unknown> {
  if (!process.send) return Promise.resolve(JSON.parse(process.argv[2] ?? 'null'))
  return new Promise((resolve) => process.once('message', resolve))
}

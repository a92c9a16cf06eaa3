import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'

/**
 * Gives back each listening handle that it is sent: a descriptor of its own of the same socket. It opens and closes the one it was sent within
 * one turn of its loop, so it never takes a connection itself.
 */
const ECHO = "process.on('message', (_, server) => { process.send(0, server); server.close() })"

/** A start waits no longer for it: it takes a tenth of a second. */
const PATIENCE_MS = 10_000

/**
 * Has a listening server take more connections at a time. An event loop takes one of them each time round for each handle it listens with
 * (libuv, since 1.46), however many wait; who opens hundreds has everybody wait for as many rounds. So the one socket gets more handles,
 * which Node makes only on the way through another process.
 *
 * @param count handles to add @returns those there are, to be closed with the server; fewer, or none, when that process can't be had
 */
export async function ears(server: Server, count: number): Promise<Server[]> {
  const more: Server[] = []
  const child = spawn(process.execPath, ['-e', ECHO], { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const gone = once(child, 'close').catch(() => {})
  child.on('error', () => {})
  // One at a time: what can't be sent at once is sent later, when its sender has closed it.
  const next = () => (more.length < count ? child.send(0, server, {}, failed) : child.kill())
  const failed = (error: Error | null) => error && child.kill()
  child.on('message', (_, handle) => {
    const ear = handle as Server
    // It listens already.
    ear.on('connection', (socket) => hand(server, socket)).on('clientError', tell(server))
    more.push(ear)
    next()
  })
  next()
  // Without them it listens as well.
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await gone
  clearTimeout(late)
  return more
}

/** As the server makes its own: it may still answer who has said all, and small answers wait for nothing. */
function hand(server: Server, socket: Socket): void {
  socket.allowHalfOpen = true
  socket.setNoDelay(true)
  server.emit('connection', socket)
}

/** What http has to say about a connection it says to whoever took it. */
const tell = (server: Server) => (error: Error, socket: Socket) => {
  if (!server.emit('clientError', error, socket)) socket.destroy()
}

import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Thrown when another process uses the directory. */
export class DirInUse extends Error {
  override name = 'DirInUse'
}

/** Thrown for a folder that somebody else made in our place. */
export class DirOfAnother extends Error {
  override name = 'DirOfAnother'
}

/**
 * A private folder for the sockets that belong to a data directory. In the system's temporary folder, since a socket's
 * path may have 107 bytes at the most and a data directory may lie deep; the name follows from the directory alone.
 * @throws DirOfAnother
 */
export function socketDir(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const name = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 12)
  const dir = join(tmpdir(), `fapai-${process.getuid?.() ?? 'user'}-${name}`)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { uid, mode } = statSync(dir)
  if (process.getuid && uid !== process.getuid()) throw new DirOfAnother(`${dir} belongs to another user`)
  if ((mode & 0o077) !== 0) chmodSync(dir, 0o700)
  return dir
}

/**
 * Holds a directory for this process, by listening on a socket. The system lets go of it however the process ends, so
 * nothing stale is left to clean up by hand, as a file with a process number would be.
 * @throws DirInUse
 */
export async function lockDir(dataDir: string, name: string): Promise<{ release(): void }> {
  const inUse = (cause?: unknown) => new DirInUse(`${dataDir} is in use by another process (${name})`, { cause })
  const dir = socketDir(dataDir)
  // On Linux the name is an abstract one, without a file: of any number who try at once, the kernel lets one have it.
  let path = `\0${basename(dir)}/${name}`
  if (process.platform !== 'linux') {
    // Elsewhere a dead holder leaves its file, and two who remove it in the same instant would both begin to listen.
    path = join(dir, `${name}.lock`)
    if (await answers(path)) throw inUse()
    rmSync(path, { force: true })
  }
  const server = await listen(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? inUse(error) : error
  })
  return { release: () => server.close() }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, () => resolve(server))
    server.unref()
  })
}

import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type Config, ConfigFaults } from '../config'
import { sealsPath } from '../store/seal-file'
import { statementsPath } from '../store/statement-files'

/**
 * What this process will read and write beside its stores, tried before anything is opened. A folder that can't be written would be seen in
 * the night otherwise, by a day that isn't reconciled, or by an embedded store that ends in the middle of something.
 */

/** What is asked of a disk, so that a test can have one that is full. */
export type Disk = Pick<
  typeof fs,
  'accessSync' | 'constants' | 'existsSync' | 'mkdirSync' | 'readdirSync' | 'rmSync' | 'statSync' | 'writeFileSync'
>

/** More than a file system keeps beside a file's name: it takes a block of the disk. */
const TRIED = Buffer.alloc(64 * 1024)

type Configured = Pick<Config, 'dataDir' | 'databaseUrl' | 'redisUrl' | 'sealsFile' | 'h5Dir' | 'verificationDir'>
type Found = [name: string, fault: string | null]

/** Makes what is to be written and isn't there. @throws ConfigFaults with a line each for all that can't be as it is configured */
export function tryFolders(config: Configured, disk: Disk = fs): void {
  const faults = faultsOf(config, disk).flatMap(([name, fault]) => (fault === null ? [] : [`${name}: ${fault}`]))
  if (faults.length > 0)
    throw new ConfigFaults(`what is configured of files and folders can’t be:\n  ${faults.join('\n  ')}`)
}

function faultsOf(config: Configured, disk: Disk): Found[] {
  const { dataDir, h5Dir, verificationDir } = config
  const own = made(dataDir, disk)
  // Where the folder itself can't be, nothing in it can.
  const inIt = own === null ? within(config, disk) : []
  // Outside of production there may be no pages, and the first version has none before it.
  const pages = h5Dir.split(delimiter).filter((path) => disk.existsSync(path))
  return [
    ['DATA_DIR', own],
    ...inIt.map((fault): Found => ['DATA_DIR', fault]),
    ['SEALS_FILE', config.sealsFile === null ? null : addedTo(config.sealsFile, disk)],
    ...pages.map((path): Found => ['H5_DIR', read(path, disk)]),
    ['VERIFICATION_DIR', verificationDir === null ? null : read(verificationDir, disk)],
  ]
}

/** What we lay into DATA_DIR: a part of it may be another user's, of a command that root ran by hand. */
function within({ dataDir, databaseUrl, redisUrl, sealsFile }: Configured, disk: Disk): (string | null)[] {
  const stores = [databaseUrl ? [] : ['ledger'], redisUrl ? [] : ['redis']].flat().map((name) => join(dataDir, name))
  return [
    made(statementsPath({ dataDir }), disk),
    ...stores.filter((path) => disk.existsSync(path)).map((path) => written(path, disk)),
    sealsFile === null ? addedTo(sealsPath({ sealsFile, dataDir }), disk) : null,
  ]
}

/** A folder of ours, made where it isn't. */
function made(path: string, disk: Disk): string | null {
  if (isFile(path, disk)) return `${path} is a file and no folder`
  try {
    makeFolder(path, disk)
  } catch (error) {
    return `${path} can’t be made: ${reason(error)}`
  }
  return written(path, disk)
}

/** With what is above it. Node's own way (`recursive`) says `ENOENT` of a disk that is read-only, and never ends below /proc. */
export function makeFolder(path: string, disk: Pick<Disk, 'existsSync' | 'mkdirSync'> = fs): void {
  if (disk.existsSync(path)) return
  makeFolder(dirname(path), disk)
  try {
    disk.mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process of ours was a moment earlier.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A folder in which a file can be made, filled and taken away. */
function written(path: string, disk: Disk): string | null {
  const file = join(path, `.tried-${randomBytes(8).toString('hex')}`)
  try {
    disk.writeFileSync(file, TRIED, { flag: 'wx', mode: 0o600 })
    return null
  } catch (error) {
    return `nothing can be written in ${path}: ${reason(error)}`
  } finally {
    takeAway(file, disk)
  }
}

/** It may not be there, or not for us to take away: then nothing is said that isn't known by now. */
function takeAway(file: string, disk: Disk): void {
  try {
    disk.rmSync(file, { force: true })
  } catch {}
}

/**
 * A file that is only ever added to; it begins with its first line. Its folder isn't made, as it may be a disk's that isn't there now, and the
 * file would lie below it and be out of sight when it is.
 */
function addedTo(path: string, disk: Disk): string | null {
  try {
    if (!disk.statSync(path).isFile()) return `${path} is no file`
    disk.accessSync(path, disk.constants.R_OK | disk.constants.W_OK)
    return null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return `${path} can’t be added to: ${reason(error)}`
    return written(dirname(path), disk)
  }
}

/** A folder of which the files are to be read. */
function read(path: string, disk: Disk): string | null {
  try {
    disk.readdirSync(path)
    return null
  } catch (error) {
    return isFile(path, disk) ? `${path} is a file and no folder` : `${path} can’t be read: ${reason(error)}`
  }
}

function isFile(path: string, disk: Disk): boolean {
  try {
    return !disk.statSync(path).isDirectory()
  } catch {
    return false
  }
}

const REASONS: Record<string, string> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOENT: 'it isn’t there',
  ENOTDIR: 'a part of its path is a file',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'this user’s share of its disk is used up',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
}

function reason(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  return code in REASONS ? `${REASONS[code]} (${code})` : code
}

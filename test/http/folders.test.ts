import { execFile } from 'node:child_process'
import fs, { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { TYPESCRIPT } from '../../harness/typescript'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { ConfigFaults } from '../../server/config'
import { type Disk, tryFolders } from '../../server/main/folders'

/** What this process reads and writes is tried at its start, and a fault is told under the name of its variable. */
describe('the folders of a start', () => {
  let dir: string
  let file: string
  const at = (...path: string[]) => join(dir, ...path)
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fapai-folders-'))
    file = at('file')
    writeFileSync(file, '')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  type Change = Partial<Parameters<typeof tryFolders>[0]>
  const GIVEN = {
    databaseUrl: 'postgres://db/fapai',
    redisUrl: 'redis://cache',
    sealsFile: null,
    verificationDir: null,
  }
  function faults(change: Change = {}, disk?: Disk): string[] {
    try {
      tryFolders({ ...GIVEN, dataDir: at('data'), h5Dir: at('h5'), ...change }, disk)
      return []
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigFaults)
      const [, ...lines] = (error as Error).message.split('\n')
      return lines.map((line) => line.trim())
    }
  }

  /** A disk that refuses to `do` with an error of the system's. */
  const disk = (verb: 'writeFileSync' | 'mkdirSync' | 'readdirSync' | 'accessSync', code: string, path = ''): Disk => ({
    ...fs,
    [verb]: (...args: [string]) => {
      if (args[0].startsWith(path)) throw Object.assign(new Error(code), { code })
      return (fs[verb] as (...some: unknown[]) => unknown)(...args)
    },
  })

  it('are made where they aren’t, for this user alone, and nothing is left in them', () => {
    expect(faults()).toEqual([])
    expect(readdirSync(at('data'))).toEqual(['statements'])
    expect(readdirSync(at('data', 'statements'))).toEqual([])
    expect(fs.statSync(at('data')).mode & 0o777).toBe(0o700)
    // Stores that are elsewhere have none, and embedded ones make their own.
    mkdirSync(at('data', 'ledger'))
    expect(faults({ databaseUrl: undefined, redisUrl: undefined })).toEqual([])
    expect(readdirSync(at('data')).sort()).toEqual(['ledger', 'statements'])
  })

  it('are no files, nor below one', () => {
    expect(faults({ dataDir: file })).toEqual([`DATA_DIR: ${file} is a file and no folder`])
    const below = join(file, 'data')
    expect(faults({ dataDir: below })).toEqual([
      `DATA_DIR: ${below} can’t be made: a part of its path is a file (ENOTDIR)`,
    ])
    // Where nothing can be made it is said, and not tried for ever.
    if (existsSync('/proc/self'))
      expect(faults({ dataDir: '/proc/fapai/data' })).toEqual([
        expect.stringMatching(/^DATA_DIR: \/proc\/fapai\/data can’t be made: /),
      ])
    expect(faults({ dataDir: at('above', 'data') })).toEqual([])
    mkdirSync(at('data'))
    writeFileSync(at('data', 'statements'), '')
    writeFileSync(at('data', 'redis'), '')
    expect(faults({ redisUrl: undefined })).toEqual([
      `DATA_DIR: ${at('data', 'statements')} is a file and no folder`,
      `DATA_DIR: nothing can be written in ${at('data', 'redis')}: a part of its path is a file (ENOTDIR)`,
    ])
  })

  it('on a disk that is full, read-only or not this user’s are told as that', () => {
    const data = at('data')
    expect(faults({}, disk('writeFileSync', 'ENOSPC'))).toEqual([
      `DATA_DIR: nothing can be written in ${data}: its disk is full (ENOSPC)`,
    ])
    expect(faults({ dataDir: at('other', 'data') }, disk('mkdirSync', 'EROFS'))).toEqual([
      `DATA_DIR: ${at('other', 'data')} can’t be made: its disk is read-only (EROFS)`,
    ])
    expect(faults({}, disk('writeFileSync', 'EACCES', join(data, 'statements')))).toEqual([
      `DATA_DIR: nothing can be written in ${join(data, 'statements')}: this user may not (EACCES)`,
    ])
    expect(faults({}, disk('writeFileSync', 'EIO'))).toEqual([`DATA_DIR: nothing can be written in ${data}: EIO`])
  })

  it('the file of seals lies in a folder that is there, and can be added to', () => {
    expect(faults({ sealsFile: at('seals.jsonl') })).toEqual([])
    // The first seal begins it.
    expect(existsSync(at('seals.jsonl'))).toBe(false)
    expect(faults({ sealsFile: file })).toEqual([])
    expect(faults({ sealsFile: at('mount', 'seals.jsonl') })).toEqual([
      `SEALS_FILE: nothing can be written in ${at('mount')}: it isn’t there (ENOENT)`,
    ])
    expect(existsSync(at('mount'))).toBe(false)
    expect(faults({ sealsFile: dir })).toEqual([`SEALS_FILE: ${dir} is no file`])
    expect(faults({ sealsFile: file }, disk('accessSync', 'EACCES'))).toEqual([
      `SEALS_FILE: ${file} can’t be added to: this user may not (EACCES)`,
    ])
    mkdirSync(at('data', 'seals.jsonl'), { recursive: true })
    expect(faults()).toEqual([`DATA_DIR: ${at('data', 'seals.jsonl')} is no file`])
  })

  it('pages of this version and of those before it, and the files of platforms, can be read', () => {
    mkdirSync(at('h5'))
    const before = at('before')
    expect(faults({ h5Dir: [at('h5'), before].join(delimiter) })).toEqual([])
    writeFileSync(before, '')
    expect(faults({ h5Dir: [at('h5'), before].join(delimiter), verificationDir: at('none') })).toEqual([
      `H5_DIR: ${before} is a file and no folder`,
      `VERIFICATION_DIR: ${at('none')} can’t be read: it isn’t there (ENOENT)`,
    ])
    expect(faults({}, disk('readdirSync', 'EACCES', at('h5')))).toEqual([
      `H5_DIR: ${at('h5')} can’t be read: this user may not (EACCES)`,
    ])
  })

  it('keep a process from starting before it opens anything, in words, with exit code 1', async () => {
    const keys = generateBankKeys()
    const started = promisify(execFile)(process.execPath, [resolve(__dirname, '../../server/main.ts')], {
      env: {
        ...{ PATH: process.env.PATH, ...TYPESCRIPT, NODE_ENV: 'test', PORT: '0', DATA_DIR: file },
        // It would be waited for.
        DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none',
        ...{ MASTER_KEY: '07'.repeat(32), BANK_URL: 'http://127.0.0.1:9', BANK_KEY_ID: 'k' },
        ...{ BANK_PRIVATE_KEY: keys.client.privateKey, BANK_PUBLIC_KEY: keys.bank.publicKey },
      },
    })
    await expect(started).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `what is configured of files and folders can’t be:\n  DATA_DIR: ${file} is a file and no folder\n`,
    })
  })

  const root = process.getuid?.() === 0
  if (root) console.warn('skipped: a folder that its user may not write (this is root, who may)')
  ;(root ? it.skip : it)('that their user may not write are found out as the system says it', () => {
    mkdirSync(at('data'))
    chmodSync(at('data'), 0o500)
    expect(faults()[0]).toContain('this user may not (EACCES)')
    chmodSync(at('data'), 0o700)
  })
})

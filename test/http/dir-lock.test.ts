import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { layLedger } from '../../harness/sql'
import { readyAt } from '../../harness/system'
import { TYPESCRIPT } from '../../harness/typescript'
import { startSandboxBff } from '../../server/sandbox/system'
import { DirInUse, lockDir } from '../../server/store/dir-lock'

const MODULE = resolve(__dirname, '../../server/store/dir-lock.ts')

describe('the lock of a data directory', () => {
  let dir: string
  const children: ChildProcess[] = []
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fapai-lock-'))
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  })

  /** Another process that holds the directory until it is killed. */
  async function holder(): Promise<ChildProcess> {
    const code = `require(${JSON.stringify(MODULE)}).lockDir(${JSON.stringify(dir)}, 'stores').then(
      () => { process.stdout.write('held'); setInterval(() => {}, 1000) }, (error) => { process.stdout.write(error.name) })`
    const child = spawn(process.execPath, ['-e', code], {
      env: { ...process.env, ...TYPESCRIPT },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const [said] = await once(child.stdout!, 'data')
    expect(String(said)).toBe('held')
    return child
  }

  it('is one holder’s; who comes second is told which directory is in use', async () => {
    const lock = await lockDir(dir, 'stores')
    const second = lockDir(dir, 'stores')
    await expect(second).rejects.toThrow(DirInUse)
    await expect(second).rejects.toThrow(dir)
    lock.release()
    ;(await lockDir(dir, 'stores')).release()
  })

  it('is one holder’s when thirty try in the same instant', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 30 }, () => lockDir(dir, 'stores')))
    const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(held).toHaveLength(1)
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(DirInUse)
    held[0]!.release()
  })

  it('is the directory’s, by whatever path one comes to it; another directory and another name are others', async () => {
    const link = `${dir}-link`
    symlinkSync(dir, link)
    const lock = await lockDir(dir, 'stores')
    await expect(lockDir(link, 'stores')).rejects.toThrow(DirInUse)
    rmSync(link)
    const inside = join(dir, 'inside')
    mkdirSync(inside)
    const others = [await lockDir(inside, 'stores'), await lockDir(dir, 'bank')]
    for (const one of [lock, ...others]) one.release()
  })

  it('of a process that was killed is free at once', async () => {
    const child = await holder()
    await expect(lockDir(dir, 'stores')).rejects.toThrow(DirInUse)
    child.kill('SIGKILL')
    await once(child, 'exit')
    ;(await lockDir(dir, 'stores')).release()
  })

  it('keeps a second server off the directory of the first, until that one is gone', async () => {
    const env = { ...process.env, ...TYPESCRIPT, NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0' }
    await layLedger(dir)
    const start = () => startSandboxBff(dir, 'http://127.0.0.1:9', env)
    const first = await start()
    await expect(start()).rejects.toThrow(`${dir} is in use by another process`)
    expect((await fetch(`${first.said.url}/healthz`)).status).toBe(200)
    first.process.kill('SIGKILL')
    await first.ended
    const third = await start()
    await readyAt(third.said.url)
    await third.stop()
  })
})

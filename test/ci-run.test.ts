import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { eventually } from '../harness/system'

/** `.ci/run` itself, with stand-ins for what it runs: its verdict is that of all of it, and nothing of it is left behind. */

const ROOT = resolve(__dirname, '..')

/** What each stand-in does, as a line of sh. */
interface World {
  tests?: string
  newer?: string
  lock?: string
}

const folders: string[] = []
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true })
})

function begin({ tests = ':', newer = 'echo "Tests: 1 passed"', lock = ':' }: World) {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-ci-'))
  folders.push(folder)
  const [bin, tmp] = [join(folder, 'bin'), join(folder, 'tmp')]
  for (const one of [bin, tmp]) mkdirSync(one)
  for (const one of ['.ci/run', 'package.json', 'package-lock.json', '.npmrc'])
    cpSync(join(ROOT, one), join(folder, one))
  const program = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  // What the machine lacks is nobody's to install here.
  for (const name of ['apt-get', 'dpkg-deb', 'sudo']) program(name, 'exit 1')
  writeFileSync(join(folder, 'newer'), `#!/bin/sh\n[ "$1" != --version ] || exec echo v24\n${newer}\n`)
  chmodSync(join(folder, 'newer'), 0o755)
  const fetch = `mkdir -p "$3/node_modules/node/bin" && cp ${folder}/newer "$3/node_modules/node/bin/node"`
  program('npm', `case "$*" in test) ${tests};; *--prefix*) ${fetch};; esac`)
  program('npx', `case "$*" in *--version) ;; *) ${lock};; esac`)
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, TMPDIR: tmp }
  const run = spawn('bash', [join(folder, '.ci/run')], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = text(run.stdout)
  return {
    folder,
    tmp,
    run,
    over: async () => ({ status: (await once(run, 'exit'))[0] as number | null, said: await said }),
  }
}

const verdict = async (world: World) => {
  const { over, tmp } = begin(world)
  const { status, said } = await over()
  expect(readdirSync(tmp)).toEqual([])
  return { status, said }
}

describe('.ci/run', () => {
  it('is 0 when all of it is right, and says what ran beside', async () => {
    const { status, said } = await verdict({})
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining('on Node v24: Tests: 1 passed') })
    expect(said.match(/npm 1[01] takes package-lock.json/g)).toHaveLength(2)
  })

  it.each<[string, World, string]>([
    ['its tests', { tests: 'exit 1' }, ''],
    ['the tests on the newer Node alone', { newer: 'exit 1' }, 'failed on Node 24'],
    [
      'an npm that doesn’t take the lock',
      { lock: 'echo of no lock; exit 1' },
      'npm 10 does not take package-lock.json',
    ],
  ])('is 1 by %s, once all else is over', async (_, world, words) => {
    const { status, said } = await verdict({ lock: 'sleep 0.5', ...world })
    expect(status).toBe(1)
    expect(said).toContain(words)
    expect(said.match(/package-lock.json/g)!.length).toBeGreaterThan(1)
    expect(said).toContain('on Node v24')
  })

  it('takes an npm that says nothing in time for none that refuses the lock', async () => {
    const { status, said } = await verdict({ lock: 'exit 124' })
    expect(status).toBe(0)
    expect(said.match(/NOT RUN: whether npm 1[01] takes package-lock.json: it said nothing in time/g)).toHaveLength(2)
  })

  it('that is ended leaves nothing of it at work, and no file', async () => {
    const noted = mkdtempSync(join(tmpdir(), 'fapai-ci-noted-'))
    folders.push(noted)
    const files = ['lock', 'newer'].map((name) => join(noted, name))
    const stays = (name: string) => `echo $$ > ${join(noted, name)}; sleep 30`
    const { tmp, run, over } = begin({ lock: stays('lock'), newer: stays('newer'), tests: 'sleep 2' })
    await eventually(
      async () => files.every((file) => existsSync(file) && readFileSync(file, 'utf8') !== '') || undefined,
    )
    run.kill('SIGTERM')
    expect((await over()).status).not.toBe(0)
    const gone = (pid: number) => {
      try {
        return process.kill(pid, 0) && undefined
      } catch {
        return true
      }
    }
    for (const file of files) await eventually(async () => gone(Number(readFileSync(file, 'utf8'))))
    expect(readdirSync(tmp)).toEqual([])
  })
})

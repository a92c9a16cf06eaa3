import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestRedis } from '../../../harness/redis'
import { CODES } from '../../../server/store/redis/codes'
import { scriptOf } from '../../../server/store/redis/script'
import { finallyDo } from './slots-support'

const DIR = join(__dirname, '../../../server/store/redis')
const files = readdirSync(DIR).filter((name) => name.endsWith('.lua'))

test('there is a script a verb, and the layouts', () => {
  const verbs = ['confirm.lua', 'count.lua', 'lay.lua', 'load.lua', 'payer.lua', 'release.lua', 'take.lua']
  expect(files.sort()).toEqual([...verbs, 'holding.lua', 'layout.lua'].sort())
})

describe.each(files)('%s', (file) => {
  const lines = readFileSync(join(DIR, file), 'utf8').split('\n')
  const header = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('--')),
  )
  const body = lines.slice(header.length).join('\n')

  test('its header tells purpose, KEYS, ARGV and returns', () => {
    for (const heading of ['Purpose:', 'KEYS', 'ARGV', 'Returns'])
      expect(header.some((line) => line.startsWith(`-- ${heading}`))).toBe(true)
  })

  test('its header names the codes it returns, and no others', () => {
    const promised = header.filter((line) => line.startsWith('-- Returns')).join(' ')
    const codes = Object.keys(CODES)
    expect(promised.match(/\b[A-Z]+(?:_[A-Z]+)*\b/g)?.sort() ?? []).toEqual(
      codes.filter((code) => new RegExp(`\\b${code}\\b`).test(body)).sort(),
    )
  })
})

test('no two codes are one number', () => {
  expect(new Set(Object.values(CODES)).size).toBe(Object.keys(CODES).length)
})

test('bytes that look like a payer where no record begins are nobody', async () => {
  const { redis, stop } = await startTestRedis('js')
  finallyDo(stop)
  const take = (tag: string) => redis.eval(scriptOf('take'), 1, 'deck', tag, 60_000, '')
  await redis.eval(scriptOf('load'), 1, 'deck', Date.now() + 60_000, 2)
  expect(await take('ABCDEFGH')).toEqual([0, 1, 60_000, 1])
  // the end of a lease in this century is a double that begins with the byte B
  expect(await take('BCDEFGHB')).toEqual([1, 0, 60_000, 2])
})

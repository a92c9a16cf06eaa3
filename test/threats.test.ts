import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** docs/THREATS.md names a test for each threat; each must be there, by its file and its whole title. */

const ROOT = join(__dirname, '..')
const TABLE_ROW = /^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/
const NAMED = /`(test\/[^`]+)` “([^”]*)”/g

interface Threat {
  letter: string
  threat: string
  shown: [file: string, title: string][]
}

function threatsOf(text: string): Threat[] {
  return text.split('\n').flatMap((line) => {
    const [, letter, threat, , shown] = TABLE_ROW.exec(line) ?? []
    if (letter === undefined || threat === undefined || /^\s*$|^-+$/.test(letter)) return []
    return [{ letter, threat, shown: [...shown!.matchAll(NAMED)].map(([, file, title]) => [file!, title!]) }]
  })
}

/** What is wrong with a threat's tests. `read`: a file's text, undefined where there is none. */
function faultsOf({ letter, threat, shown }: Threat, read: (file: string) => string | undefined): string[] {
  const named = shown.flatMap(([file, title]) => {
    const text = read(file)
    if (text === undefined) return [`${threat}: there is no ${file}`]
    const quoted = ["'", '`', '"'].some((quote) => title !== '' && text.includes(`${quote}${title}${quote}`))
    return quoted ? [] : [`${threat}: ${file} has no test “${title}”`]
  })
  return [
    ...(/^[STRIDE]$/.test(letter) ? [] : [`${threat}: ${letter} is no letter of STRIDE`]),
    ...(shown.length > 0 ? [] : [`${threat}: no test shows it`]),
    ...named,
  ]
}

const document = readFileSync(join(ROOT, 'docs/THREATS.md'), 'utf8')
const read = (file: string) => (existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : undefined)

describe('the threats', () => {
  it('are of every part and every letter, and each is shown by tests that are there', () => {
    const threats = threatsOf(document)
    expect(threats.flatMap((one) => faultsOf(one, read))).toEqual([])
    expect(new Set(threats.map(({ letter }) => letter))).toEqual(new Set('STRIDE'))
    expect(threats.length).toBe(document.split('\n').filter((line) => /^\| [A-Z] \|/.test(line)).length)
    expect(threats.length).toBeGreaterThan(50)
  })

  it.each([
    ['| S | a | b | `test/no.test.ts` “x” |', 'a: there is no test/no.test.ts'],
    ['| S | a | b | `test/threats.test.ts` “no such title” |', 'a: test/threats.test.ts has no test “no such title”'],
    ['| S | a | b | by hope |', 'a: no test shows it'],
    ['| X | a | b | `test/threats.test.ts` “the threats” |', 'a: X is no letter of STRIDE'],
  ])('are found out when they say %s', (line, fault) => {
    // the title above stands in this file as data alone
    const others = (file: string) => read(file)?.replaceAll('no such title', '')
    expect(threatsOf(line).flatMap((one) => faultsOf(one, others))).toEqual([fault])
  })
})

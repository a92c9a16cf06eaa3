import { functionsOf } from './support/tidy-functions'
import { blank } from './support/tidy-source'

/** The reader by which tidy.test.ts looks at the sources. */

describe('the reader of sources', () => {
  it.each([
    ["a // 'b\nc", 'a      \nc'],
    ["'//' + b", "'  ' + b"],
    ["'it\\'s' + b", "'     ' + b"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a sample of a template
    ['`a ${b + `${c}`} d` + e', '`  ${b + `${c}`}  ` + e'],
    ['x = /["/]/ + y', 'x = /    / + y'],
    ['a / b / c', 'a / b / c'],
    ['/* a\n */ b', '    \n    b'],
  ])('reads %j as %j', (text, code) => {
    expect(blank(text, 'blank-strings')).toBe(code)
  })

  it('measures functions from head to last brace', () => {
    const text = [
      'export function one(a: { b: number }): { c: number } {',
      '  const two = (x) => {',
      '    return "}"',
      '  }',
      '}',
      'class A {',
      '  three(): x is string {',
      '  }',
      '  four(call: () => void): void',
      '}',
    ].join('\n')
    expect(functionsOf(text)).toEqual([
      { name: 'one', line: 1, lines: 5 },
      { name: 'two', line: 2, lines: 3 },
      { name: 'three', line: 7, lines: 2 },
    ])
  })
})

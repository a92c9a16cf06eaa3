/** Values that nobody honest sends. */

const deep = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels)
const LONG = 'x'.repeat(10_000)

/** Texts: what a terminal, a template, a database, a calendar or a human eye takes for something else. */
const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u202eM0001',
  'M\u200b0001',
  '\ufeffM0001',
  '\ufffe',
  '\u{1f600}'.repeat(300),
  LONG,
  '%',
  '_',
  '%_\\',
  "' or 1=1 --",
  '"; drop table orders; --',
  '$1',
  '../../etc/passwd',
  '..',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-1',
  '1e400',
  '2147483648',
  '9223372036854775808',
  '99999999999999999999999',
  '0x10',
  '0000-01-01',
  '9999-12-31',
  '2026-02-31',
  '+275760-09-13',
  '2026-11-21T25:61:61Z',
  'F00000000-000000000000000000000000',
  '999999999999999.x',
  '9223372036854775808.1',
  '1.2.3.4',
  Buffer.from('[null]').toString('base64url'),
  Buffer.from('{"at":"x"}').toString('base64url'),
]

/** The same as JSON, and what only JSON can say: as it stands in the body, whether or not it is JSON. */
export const JSON_TEXTS = [
  ...TEXTS.map((text) => JSON.stringify(text)),
  '"\\ud800"',
  '"\\udc00\\ud800"',
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '1.5',
  '2147483648',
  '9007199254740993',
  '99999999999999999999',
  '1e300',
  '1e400',
  '-1e400',
  'NaN',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"__proto__":{"x":1}}',
  '{"toString":null,"length":-1}',
  '["a","a"]',
  '["\\u0000"]',
  `[${'0,'.repeat(2_000)}0]`,
  deep(40),
  deep(7_000),
  deep(2_500, '{"a":', '}').replace(':}', ':0}'),
]

/** The same as they stand in an address, and what only an address can say. */
export const URL_TEXTS = [
  ...TEXTS.map((text) => encodeURIComponent(text).slice(0, 12_000)),
  '%ED%A0%80',
  '%FF',
  '%',
  '%2F..%2F',
  '%0D%0AX-Forged:1',
  '%25%30%30',
]

/** Something of each in a header; a header holds bytes of Latin-1 and no line break. */
export const HEADER_TEXTS = [
  ...TEXTS.filter((text) => /^[\x20-\x7e]*$/.test(text)),
  '"1"',
  'W/"1"',
  '"99999999999"',
  '*',
  '\xff\xfe',
  ',',
]

/** Text in GBK, which Node reads and doesn't write: what each two bytes read as, turned round. */

let table: Map<string, number> | undefined

function tableOf(): Map<string, number> {
  if (table) return table
  table = new Map()
  const decoder = new TextDecoder('gbk')
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const char = decoder.decode(Uint8Array.of(lead, trail))
      // Two of them, or none: not a character of GBK's.
      if (char.length === 1 && char !== '\ufffd') table.set(char, (lead << 8) | trail)
    }
  return table
}

/** What GBK doesn't have becomes `?`, as at Alipay. */
export function gbkOf(text: string): Buffer {
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else {
      const pair = tableOf().get(char) ?? 0x3f
      if (pair > 0xff) bytes.push(pair >> 8)
      bytes.push(pair & 0xff)
    }
  }
  return Buffer.from(bytes)
}

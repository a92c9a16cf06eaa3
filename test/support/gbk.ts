/** What Chinese spreadsheets save: node reads GBK and writes none, so its table is read from the reader. */
const table = new Map<string, [number, number]>()
for (let lead = 0x81; lead <= 0xfe; lead++)
  for (let trail = 0x40; trail <= 0xfe; trail++) {
    const text = new TextDecoder('gbk').decode(Uint8Array.of(lead, trail))
    if (text.length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, [lead, trail])
  }

export function gbkOf(text: string): Buffer {
  return Buffer.from(
    [...text].flatMap((letter) => {
      const pair = table.get(letter)
      if (!pair && letter.charCodeAt(0) >= 0x80) throw new Error(`${letter} is not in GBK`)
      return pair ?? [letter.charCodeAt(0)]
    }),
  )
}

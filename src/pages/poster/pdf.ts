/** A PDF of one page that is one picture (ISO 32000-1): all that a poster needs, and any text in it is part of the picture. */

/** Points, 1/72 inch. */
const PAPERS = { A6: [297.64, 419.53], A4: [595.28, 841.89] } as const
export type Paper = keyof typeof PAPERS

/** @param jpeg baseline, in RGB, as a canvas makes it */
export function pdfOf(
  jpeg: Uint8Array,
  size: { width: number; height: number },
  paper: Paper,
): Uint8Array<ArrayBuffer> {
  const [width, height] = PAPERS[paper]
  const drawing = `q ${width} 0 0 ${height} 0 0 cm /Poster Do Q`
  const image = `/Type /XObject /Subtype /Image /Width ${size.width} /Height ${size.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length}`
  const objects: (string | Uint8Array)[][] = [
    ['<< /Type /Catalog /Pages 2 0 R >>'],
    ['<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents 4 0 R /Resources << /XObject << /Poster 5 0 R >> >> >>`,
    ],
    [`<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`],
    [`<< ${image} >>\nstream\n`, jpeg, '\nendstream'],
  ]
  const parts: Uint8Array[] = []
  let at = 0
  const put = (part: string | Uint8Array) => {
    const bytes = typeof part === 'string' ? latin(part) : part
    parts.push(bytes)
    at += bytes.length
  }
  put('%PDF-1.4\n')
  const places = objects.map((object, i) => {
    const place = at
    for (const part of [`${i + 1} 0 obj\n`, ...object, '\nendobj\n']) put(part)
    return place
  })
  const table = at
  const entries = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  put(`xref\n0 ${places.length + 1}\n0000000000 65535 f \n${entries}`)
  put(`trailer\n<< /Size ${places.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`)
  return joined(parts, at)
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

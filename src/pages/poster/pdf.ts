/** A PDF whose pages are one picture each (ISO 32000-1): all that a poster needs, and any text in it is part of the picture. */

/** Points, 1/72 inch. */
const PAPERS = { A6: [297.64, 419.53], A4: [595.28, 841.89] } as const
export type Paper = keyof typeof PAPERS

type Bytes = Uint8Array<ArrayBuffer>
interface Size {
  width: number
  height: number
}

/** Writes page by page; nothing of a page is kept but the bytes that are handed out. */
export interface PdfWriter {
  /** @param jpeg baseline, in RGB, as a canvas makes it */
  page(jpeg: Bytes, size: Size): Bytes[]
  /** What comes after the last page. */
  end(): Bytes[]
}

/** The catalog and the list of pages come last, when the pages are known. */
const [CATALOG, PAGES] = [1, 2]

export function pdfWriter(paper: Paper): PdfWriter {
  const [width, height] = PAPERS[paper]
  const places: number[] = []
  const pages: number[] = []
  let at = 0
  function put(...parts: (string | Bytes)[]): Bytes[] {
    const all = parts.map((part) => (typeof part === 'string' ? latin(part) : part))
    at += all.reduce((sum, { length }) => sum + length, 0)
    return all
  }
  function object(no: number, ...body: (string | Bytes)[]): Bytes[] {
    places[no] = at
    return put(`${no} 0 obj\n`, ...body, '\nendobj\n')
  }
  return {
    page(jpeg, size) {
      const no = PAGES + 1 + 3 * pages.length
      const head = pages.length === 0 ? put('%PDF-1.4\n') : []
      pages.push(no)
      const drawing = `q ${width} 0 0 ${height} 0 0 cm /Poster Do Q`
      const image = `/Type /XObject /Subtype /Image /Width ${size.width} /Height ${size.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length}`
      const page = `<< /Type /Page /Parent ${PAGES} 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${no + 1} 0 R /Resources << /XObject << /Poster ${no + 2} 0 R >> >> >>`
      return [
        ...head,
        ...object(no, page),
        ...object(no + 1, `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`),
        ...object(no + 2, `<< ${image} >>\nstream\n`, jpeg, '\nendstream'),
      ]
    },
    end() {
      const kids = pages.map((no) => `${no} 0 R`).join(' ')
      const last = [
        ...object(CATALOG, `<< /Type /Catalog /Pages ${PAGES} 0 R >>`),
        ...object(PAGES, `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`),
      ]
      const table = at
      const entries = places.slice(1).map((place) => `${String(place).padStart(10, '0')} 00000 n \n`)
      return [
        ...last,
        ...put(
          `xref\n0 ${places.length}\n0000000000 65535 f \n${entries.join('')}`,
          `trailer\n<< /Size ${places.length} /Root ${CATALOG} 0 R >>\nstartxref\n${table}\n%%EOF\n`,
        ),
      ]
    },
  }
}

/** Of a single page. */
export function pdfOf(jpeg: Bytes, size: Size, paper: Paper): Bytes[] {
  const pdf = pdfWriter(paper)
  return [...pdf.page(jpeg, size), ...pdf.end()]
}

function latin(text: string): Bytes {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

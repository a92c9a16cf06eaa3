import type { BindingCards } from '@contract'
import { COLOURS, drawCode, drawPoster, FONT, POSTER } from '../../../pages/poster/draw'
import { pdfWriter } from '../../../pages/poster/pdf'

/** A sheet of A4 for each shop: its poster, and below a line to cut along the card by which its owner binds. */

/** Of the sheet's width and height. */
const SHRUNK = 0.75
const CUT = POSTER.height * SHRUNK + 16
const LEFT = 130
/** Right of the words is the code that opens the merchant's page. */
const CODE = { side: 470, top: CUT + 70, middle: POSTER.width - 330 }
const ROOM = CODE.middle - CODE.side / 2 - LEFT - 30

type Sheet = BindingCards['cards'][number]
type Batch = Pick<BindingCards, 'bankName' | 'address'> & { days: number }

/** `AB2CD3EF` → `AB2C D3EF`: blanks aren't typed, and may be. */
export const inFours = (code: string) => code.replace(/.{4}(?=.)/g, '$& ')

export function drawSheet(pen: CanvasRenderingContext2D, sheet: Sheet, { bankName, address, days }: Batch): void {
  const { width, height } = POSTER
  const { merchantCode: code, name, branchName } = sheet
  const { pay, desk } = addressesOf(code, address)
  const channels = sheet.channels.map((label) => ({ label }))
  pen.fillStyle = COLOURS.paper
  pen.fillRect(0, 0, width, height)
  pen.save()
  pen.translate((width * (1 - SHRUNK)) / 2, 0)
  pen.scale(SHRUNK, SHRUNK)
  drawPoster(pen, { code, name, bankName, branchName, channels }, pay)
  pen.restore()
  pen.strokeStyle = COLOURS.ink2
  pen.lineWidth = 3
  pen.setLineDash([18, 12])
  pen.beginPath()
  pen.moveTo(0, CUT)
  pen.lineTo(width, CUT)
  pen.stroke()
  drawCard(pen, sheet, days)
  drawCode(pen, desk, CODE)
}

/** What the sheet's two codes say: where the shop is paid, and where its owner binds. `house`: where payers find it, if that isn't here. */
export function addressesOf(merchantCode: string, house: string | null) {
  const origin = house ?? location.origin
  return { pay: `${origin}/q/${merchantCode}`, desk: `${origin}/#/pages/merchant/index` }
}

function drawCard(pen: CanvasRenderingContext2D, { merchantCode, name, card }: Sheet, days: number): void {
  const { ink, ink2, accent } = COLOURS
  pen.textAlign = 'left'
  pen.textBaseline = 'middle'
  const lines: readonly [text: string, size: number, colour: string, down: number][] = [
    ['店主绑定卡 · 沿虚线剪下，交店主本人，不要张贴', 44, accent, 70],
    [`${name}（${merchantCode}）`, 56, ink, 160],
    [`卡号 ${inFours(card)}`, 100, ink, 285],
    ['1. 微信扫右边的码，打开收款记录', 40, ink, 400],
    ['2. 填卡号 8 位，接着填网点当面或电话告诉您的激活码 4 位', 40, ink, 460],
    [`复核通过后 ${days} 天内有效，只能用一次，输错 5 次作废。银行不会让您转发这张卡。`, 34, ink2, 530],
  ]
  for (const [text, size, colour, down] of lines) {
    pen.font = `${size > 50 ? '600' : '400'} ${size}px ${FONT}`
    const wide = pen.measureText(text).width
    if (wide > ROOM) pen.font = `${size > 50 ? '600' : '400'} ${Math.floor((size * ROOM) / wide)}px ${FONT}`
    pen.fillStyle = colour
    pen.fillText(text, LEFT, CUT + down)
  }
}

interface Printing {
  signal: AbortSignal
  /** so many sheets are drawn */
  onSheet(done: number): void
}

/**
 * One PDF of all sheets, a sheet at a time on a single canvas; what is drawn is the browser's to keep, which puts it on the disk when it is much.
 * @throws whatever `signal` is stopped with
 */
export async function sheetsOf(batch: BindingCards, days: number, { signal, onSheet }: Printing): Promise<Blob> {
  const canvas = Object.assign(document.createElement('canvas'), POSTER)
  const pen = canvas.getContext('2d')!
  const pdf = pdfWriter('A4')
  const parts: Blob[] = []
  for (const [i, sheet] of batch.cards.entries()) {
    drawSheet(pen, sheet, { ...batch, days })
    const jpeg = new Uint8Array(await (await jpegOf(canvas)).arrayBuffer())
    if (signal.aborted) throw signal.reason
    parts.push(new Blob(pdf.page(jpeg, POSTER)))
    onSheet(i + 1)
  }
  return new Blob([...parts, ...pdf.end()], { type: 'application/pdf' })
}

/** Sharp enough for a code of whole dots; a sheet is some 300 KB. */
const QUALITY = 0.85

const jpegOf = (canvas: HTMLCanvasElement) =>
  new Promise<Blob>((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the browser drew nothing'))),
      'image/jpeg',
      QUALITY,
    ),
  )

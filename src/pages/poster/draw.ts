import { encode } from 'uqr'

/** The poster of a shop's code, as it is printed: the bank's colours (tokens.scss, the light ones) on white paper, whatever the screen's are. */

/** √2, as all A papers are; 424 dots an inch on A6, 212 on A4. */
export const POSTER = { width: 1_748, height: 2_480 }

export const COLOURS = { accent: '#c8371f', onAccent: '#ffffff', ink: '#15181d', ink2: '#5b6470', paper: '#ffffff' }
export const FONT = `-apple-system, BlinkMacSystemFont, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif`
const BAND = 560
const CODE = { side: 1_420, top: 590 }
/** A reader wants four modules of white around the code. */
const MARGIN = 4

export interface Shop {
  code: string
  name: string
  bankName: string
  branchName: string
  /** by which one can pay there */
  channels: readonly { label: string }[]
}

/** `url`: what the code says. */
export function drawPoster(pen: CanvasRenderingContext2D, shop: Shop, url: string): void {
  const { width, height } = POSTER
  pen.fillStyle = COLOURS.paper
  pen.fillRect(0, 0, width, height)
  pen.fillStyle = COLOURS.accent
  pen.fillRect(0, 0, width, BAND)
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  line(pen, shop.bankName, { size: 72, y: 110, colour: COLOURS.onAccent })
  line(pen, '扫码付款', { size: 200, y: 270, colour: COLOURS.onAccent, bold: true })
  line(pen, shop.channels.map(({ label }) => label).join(' · '), { size: 72, y: 450, colour: COLOURS.onAccent })
  drawCode(pen, url, { ...CODE, middle: width / 2 })
  line(pen, shop.name, { size: 130, y: 2_090, colour: COLOURS.ink, bold: true })
  line(pen, `${shop.branchName} · ${shop.code}`, { size: 64, y: 2_230, colour: COLOURS.ink2 })
  line(pen, '付款前请核对店名', { size: 64, y: 2_370, colour: COLOURS.ink2 })
}

interface Place {
  /** at most */
  side: number
  top: number
  middle: number
}

/** Whole dots a module, so that no edge is grey. `H`: a third of it may be dirty or torn, as on a counter. */
export function drawCode(pen: CanvasRenderingContext2D, url: string, { side, top, middle }: Place): void {
  const { data, size } = encode(url, { ecc: 'H', border: MARGIN })
  const module = Math.floor(side / size)
  const left = (2 * middle - module * size) >> 1
  // one shape of all dots: drawn smaller, no hairline is left between them
  pen.beginPath()
  data.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (dark) pen.rect(left + x * module, top + y * module, module, module)
    })
  })
  pen.fillStyle = COLOURS.ink
  pen.fill()
}

interface Look {
  size: number
  y: number
  colour: string
  bold?: boolean
}

/** One line in the middle, as large as it was asked for or as still fits: a name is never cut. */
function line(pen: CanvasRenderingContext2D, text: string, { size, y, colour, bold = false }: Look): void {
  const set = (px: number) => {
    pen.font = `${bold ? '600' : '400'} ${px}px ${FONT}`
  }
  set(size)
  const room = POSTER.width - 160
  const wide = pen.measureText(text).width
  if (wide > room) set(Math.floor((size * room) / wide))
  pen.fillStyle = colour
  pen.fillText(text, POSTER.width / 2, y)
}

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'

/** A telephone's camera sees a poster no sharper than this, pixels across. */
const ACROSS = 480

/** What a reader of another house than the writer's (`qr`) reads of a picture, which the page draws; throws where it reads nothing. */
export async function readQr(page: Page, dataUrl: string): Promise<string> {
  const { height, pixels } = await page.evaluate(
    async ({ src, across }) => {
      const image = Object.assign(new Image(), { src })
      await image.decode()
      const height = Math.round((across * image.naturalHeight) / image.naturalWidth)
      const pen = Object.assign(document.createElement('canvas'), { width: across, height }).getContext('2d')!
      pen.drawImage(image, 0, 0, across, height)
      const { data } = pen.getImageData(0, 0, across, height)
      let text = ''
      for (let at = 0; at < data.length; at += 8_192) text += String.fromCharCode(...data.subarray(at, at + 8_192))
      return { height, pixels: btoa(text) }
    },
    { src: dataUrl, across: ACROSS },
  )
  // a module of the new kind, which jest doesn't load
  const code = `import read from 'qr/decode.js'
const parts = []
for await (const part of process.stdin) parts.push(part)
process.stdout.write(read({ width: ${ACROSS}, height: ${height}, data: new Uint8Array(Buffer.concat(parts)) }, { timeLimit: 5_000 }))`
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: resolve(__dirname, '..'),
    input: Buffer.from(pixels, 'base64'),
    encoding: 'utf8',
  })
}

const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

/**
 * Of the built page in a browser: the app's few styles stand in it, so that something is seen before anything else has come; and
 * it names the files of the pay page, so that none of them is asked for by another of them.
 */
const PAY = 'pages/pay/index'
const STYLE = /<link href="([^"]+\.css)" rel="stylesheet"\s*\/?>/g
const FILES = /(['"])%FILES_OF_PAY%\1/

module.exports = class OpeningPlugin {
  apply(compiler) {
    compiler.hooks.done.tap('opening', ({ compilation }) => {
      if (compilation.errors.length > 0) return
      const { path: folder, publicPath } = compilation.outputOptions
      const page = join(folder, 'index.html')
      const html = readFileSync(page, 'utf8')
      if (!FILES.test(html)) throw new Error('src/index.html names no place for the files of the pay page')
      const files = filesOfPay(compilation).map((file) => JSON.stringify(publicPath + file))
      const styled = html.replace(STYLE, (_, file) => `<style>${readFileSync(join(folder, file), 'utf8')}</style>`)
      writeFileSync(
        page,
        styled.replace(FILES, () => files.join()),
      )
    })
  }
}

/** What the pay page needs and the page's own tags don't name. @throws an Error when there is no such page */
function filesOfPay(compilation) {
  const isPay = ({ request }) => request?.split('\\').join('/').endsWith(PAY)
  const group = compilation.chunkGroups.find((one) => one.origins.some(isPay))
  if (!group) throw new Error(`${PAY} is no chunk of its own any more`)
  return group.chunks.flatMap((chunk) => [...chunk.files])
}

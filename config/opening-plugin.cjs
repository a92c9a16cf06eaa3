const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

/**
 * Of the built page in a browser: the app's few styles stand in it, so that something is seen before anything else has come; and
 * it names the files of the pay page, so that none of them is asked for by another of them, and those that the result's page needs beside
 * them, which are fetched before anybody pays.
 */
const STYLE = /<link href="([^"]+\.css)" rel="stylesheet"\s*\/?>/g
const FILES = /(['"])%FILES_OF_(PAY|RESULT)%\1/g

module.exports = class OpeningPlugin {
  apply(compiler) {
    compiler.hooks.done.tap('opening', ({ compilation }) => {
      if (compilation.errors.length > 0) return
      const { path: folder, publicPath } = compilation.outputOptions
      const page = join(folder, 'index.html')
      const html = readFileSync(page, 'utf8')
      if (html.match(FILES)?.length !== 2)
        throw new Error('src/index.html names no place for the files of the pay page, or of the result’s')
      const pay = filesOf(compilation, 'pay')
      const result = filesOf(compilation, 'result').filter((file) => !pay.includes(file))
      const named = (files) => files.map((file) => JSON.stringify(publicPath + file)).join()
      const styled = html.replace(STYLE, (_, file) => `<style>${readFileSync(join(folder, file), 'utf8')}</style>`)
      writeFileSync(
        page,
        styled.replace(FILES, (_, __, page) => named(page === 'PAY' ? pay : result)),
      )
    })
  }
}

/** What a page needs and the page's own tags don't name. @throws an Error when there is no such page */
function filesOf(compilation, page) {
  const path = `pages/${page}/index`
  const isIt = ({ request }) => request?.split('\\').join('/').endsWith(path)
  const group = compilation.chunkGroups.find((one) => one.origins.some(isIt))
  if (!group) throw new Error(`${path} is no chunk of its own any more`)
  return group.chunks.flatMap((chunk) => [...chunk.files])
}

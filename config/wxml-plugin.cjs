const { RawSource } = require('webpack').sources

/**
 * Takes the blanks between tags out of the templates. Taro's own way (`minifyXML`) reads them as HTML, where `input` has no end, and
 * WeChat's compiler then refuses them.
 */
module.exports = (ctx) => {
  ctx.modifyBuildAssets(({ assets }) => {
    for (const name of Object.keys(assets).filter((one) => one.endsWith('.wxml')))
      assets[name] = new RawSource(String(assets[name].source()).replace(/>\s+</g, '><').trim())
  })
}

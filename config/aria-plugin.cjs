const path = require('node:path')
const aria = require('./aria.cjs')

/** Adds {@link aria} to the templates the build writes and to the runtime that fills them. */
module.exports = (ctx) => {
  ctx.registerMethod({
    name: 'onSetupClose',
    fn(platform) {
      if (!platform.template) return
      platform.template.mergeComponents(ctx, aria)
      platform.runtimePath = [platform.runtimePath, path.resolve(__dirname, 'aria-runtime.js')].flat()
    },
  })
}

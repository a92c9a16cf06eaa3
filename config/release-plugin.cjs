const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

/**
 * The project file beside the package is the one that is uploaded: with the release's own appid, and with WeChat's check of the
 * addresses that it calls. The one in the root of the repository stays the sandbox's.
 */
module.exports = (ctx, { appId, sandbox }) => {
  ctx.onBuildFinish(() => {
    if (process.env.TARO_ENV !== 'weapp' || sandbox) return
    const file = join(ctx.paths.outputPath, 'project.config.json')
    const project = JSON.parse(readFileSync(file, 'utf8'))
    project.appid = appId
    project.setting.urlCheck = true
    writeFileSync(file, `${JSON.stringify(project, null, 2)}\n`)
  })
}

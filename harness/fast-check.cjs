const { join } = require('node:path')

/** By its file: its name is what leads here (jest.config.cjs). */
const fc = require(join(__dirname, '../node_modules/fast-check/lib/cjs/fast-check.js'))

/** The same examples in every `npm test`, so that a red suite is about the change; FAPAI_SEED draws others. */
const SEED = Number(process.env.FAPAI_SEED ?? 20_261_121)

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED })
module.exports = fc

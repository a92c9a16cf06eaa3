const { readFileSync } = require('node:fs')
const { join } = require('node:path')

/** Figures of this size are large enough as they are, and would no longer fit if they grew. px. */
const LARGE = 34
const PLAIN_PX = /^(\d+(?:\.\d+)?)px$/
const tokens = readFileSync(join(__dirname, '../src/tokens.scss'), 'utf8')
/** Sizes that have a name in the tokens, which is shorter than what it stands for. */
const NAMED = new Set([...tokens.matchAll(/--f(\d+):/g)].map(([, px]) => Number(px)))

/**
 * Text grows with its reader's setting (src/tokens.scss: `--type`, `--least`, `--zoom`), up to {@link LARGE}. Styles name plain sizes; this
 * makes them grow, so that no page can forget it. The console, which is a desk's, is left alone.
 */
module.exports = () => ({
  postcssPlugin: 'fapai-type',
  Declaration: {
    'font-size'(decl) {
      const px = Number(PLAIN_PX.exec(decl.value)?.[1])
      if (!px || /[\\/]console[\\/]/.test(decl.source?.input.file ?? '')) return
      decl.value =
        px >= LARGE
          ? `calc(${px}px / var(--zoom))`
          : NAMED.has(px)
            ? `var(--f${px})`
            : `calc(clamp(var(--least), ${px}px * var(--type), ${LARGE}px) / var(--zoom))`
    },
  },
})
module.exports.postcss = true

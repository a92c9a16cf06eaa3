import path from 'node:path'
import { defineConfig, type UserConfigExport } from '@tarojs/cli'
import { releaseOf } from './release'

/** Pages in a browser come from the BFF itself, and ask it who they are for. */
const weapp = process.env.TARO_ENV === 'weapp'
const release = releaseOf(weapp ? process.env : {})
/** Tests build elsewhere, so that a test run never replaces the package a person has open in WeChat's tools. */
const outputRoot = process.env.FAPAI_OUTPUT_ROOT ?? `dist/${process.env.TARO_ENV}`

const PackagesPlugin = require('./packages-plugin.cjs')
const OpeningPlugin = require('./opening-plugin.cjs')
/** Beside the built pages, not among them: which packages are in them. */
const packages = path.resolve(__dirname, '..', `${outputRoot}.packages.json`)

/** Lengths in the styles are CSS pixels on every platform; pages are fluid, so nothing is scaled to the screen. */
const pxtransform = { enable: false, config: {} }
const postcss = { pxtransform, './config/type-plugin.cjs': { enable: true, config: {} } }

/**
 * What terser does by itself and Taro has switched off: 5.5 KB of the mini-program. Sentences stay as they are and not as
 * escapes of twice their bytes, which is another 4 KB; every platform reads UTF-8.
 */
const terser = {
  enable: true,
  config: {
    compress: {
      collapse_vars: true,
      comparisons: true,
      hoist_props: true,
      inline: true,
      loops: true,
      negate_iife: true,
      properties: true,
      reduce_funcs: true,
      reduce_vars: true,
      switches: true,
      typeofs: true,
    },
    output: { ascii_only: false },
  },
}

/**
 * Packages are written for newer engines than those of babel.config.js, so what the pages bundle of them is translated too (a test reads every
 * file of both builds). Not React, which is ES5 as it comes, nor what the translation itself is made of.
 */
const AS_IT_COMES = /[\\/]node_modules[\\/](react|react-dom|scheduler|core-js[a-z-]*|@babel|webpack)[\\/]/
const compile = {
  include: [(file: string) => /[\\/]node_modules[\\/]/.test(file) && !AS_IT_COMES.test(file)],
}

export default defineConfig<'webpack5'>({
  projectName: 'fapai',
  designWidth: 390,
  deviceRatio: { 390: 1 },
  sourceRoot: 'src',
  outputRoot,
  framework: 'react',
  compiler: { type: 'webpack5', prebundle: { enable: false } },
  cache: { enable: false },
  // templates are written out once a level of nesting, and views below the last level cost a custom component; the
  // default is 16 levels, our deepest page has eleven
  baseLevel: 12,
  plugins: [
    path.resolve(__dirname, 'aria-plugin.cjs'),
    path.resolve(__dirname, 'wxml-plugin.cjs'),
    [path.resolve(__dirname, 'release-plugin.cjs'), release],
  ],
  copy: {
    patterns: [
      // what a merchant hears is played from files, which neither platform takes from a script
      { from: 'src/voice', to: `${outputRoot}/voice` },
      ...(weapp ? [{ from: 'src/sitemap.json', to: `${outputRoot}/sitemap.json` }] : []),
    ],
    options: {},
  },
  alias: { '@contract': path.resolve(__dirname, '../server/http/contract/index.ts') },
  defineConstants: {
    FAPAI_API_ORIGIN: JSON.stringify(release.apiOrigin),
    FAPAI_BANK_APP: JSON.stringify(process.env.FAPAI_BANK_APP || 'FapaiBank'),
    FAPAI_SANDBOX: JSON.stringify(release.sandbox),
  },
  terser,
  mini: {
    compile,
    postcss,
    // every component's classes are its own, so the order of their styles doesn't matter
    miniCssExtractPluginOption: { ignoreOrder: true },
    webpackChain(chain) {
      chain.plugin('packages').use(PackagesPlugin, [packages])
      // Taro has webpack write what joins modules in ES5; pages have arrows all the same (babel.config.js). 5 KB
      chain.output.set('environment', { arrowFunction: true })
    },
  },
  h5: {
    // the page itself may be at /q/M0001
    publicPath: '/',
    staticDirectory: 'static',
    useHtmlComponents: true,
    // the console's own router reads what follows (src/console/router.tsx)
    router: { mode: 'hash', customRoutes: { '/console/index': '/console/:place*' } },
    enableSourceMap: false,
    compile,
    output: {
      filename: 'js/[name].[contenthash:8].js',
      chunkFilename: 'js/[name].[contenthash:8].js',
    },
    miniCssExtractPluginOption: {
      ignoreOrder: true,
      filename: 'css/[name].[contenthash:8].css',
      chunkFilename: 'css/[name].[contenthash:8].css',
    },
    postcss: { ...postcss, autoprefixer: { enable: true, config: {} } },
    webpackChain(chain) {
      chain.plugin('packages').use(PackagesPlugin, [packages])
      chain.plugin('opening').use(OpeningPlugin)
      // what two pages share is loaded once, not copied into each page's chunk, but for a few lines of style
      const isApart = /[\\/]src[\\/](console[\\/]|components[\\/]money\.scss)/
      const isConsole = /[\\/]src[\\/]console[\\/]/
      const shared = {
        ...{ name: 'shared', chunks: 'async', minChunks: 2, priority: 1 },
        test: (module: { resource?: string }) => !isApart.test(module.resource ?? ''),
      }
      // what only pages of the console share is never loaded by a payer; what few of them share, only by those
      const consoles = { chunks: 'async', minChunks: 2, test: isConsole }
      const console = { ...consoles, name: 'console-shared', minChunks: 4, priority: 3 }
      const consoleFew = { ...consoles, minSize: 8_000, priority: 2 }
      // the console has what asks, counts and says from here, and no page of a payer's
      const base = {
        ...shared,
        name: 'base',
        test: /[\\/]src[\\/](api|dates|half-width|held|holder|request|session|money|server-time|sentences|platform[\\/]|components[\\/](base|money)\.tsx)|[\\/]node_modules[\\/](?!uqr)/,
        priority: 2,
      }
      // what the bank asks a payer is another step than the counter, which opens without it
      const asks =
        /[\\/]src[\\/](account|use-challenge|use-signing|components[\\/](challenge|code-|consent|signing-steps))/
      const steps = { ...shared, name: 'steps', test: asks, priority: 2 }
      // nor does it draw posters, which a shop's owner and the bank's desk do
      const posters = {
        ...shared,
        name: 'posters',
        test: /[\\/]src[\\/]pages[\\/]poster[\\/]|node_modules[\\/]uqr[\\/]/,
        priority: 2,
      }
      chain.merge({
        optimization: { splitChunks: { cacheGroups: { common: shared, base, console, consoleFew, steps, posters } } },
      })
      // the largest file is React with Taro's router, about 65 KB compressed; the limit's default is for raw bytes
      chain.performance.maxEntrypointSize(400_000).maxAssetSize(300_000)
    },
  },
} satisfies UserConfigExport<'webpack5'>)

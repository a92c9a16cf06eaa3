/** Pages of the mini-program. The first one opens by default. */
const pages = [
  'pay',
  'result',
  'orders',
  'agreements',
  'sign',
  'small',
  'merchant',
  'merchant-order',
  'merchant-charge',
  'merchant-staff',
  'rules',
].map((name) => `pages/${name}/index`)

/** Pages of the H5 build only; what isn't listed for a platform isn't in its package. */
const h5Pages: string[] = [
  'pages/verify/index',
  'pages/poster/index',
  // everything below #/console/: it has a router of its own (config/index.ts, src/console/router.tsx)
  'console/index',
]

/** What only one of the two knows: WeChat refuses keys of a stranger, and a browser needs none of WeChat's. */
const own =
  process.env.TARO_ENV === 'weapp'
    ? { lazyCodeLoading: 'requiredComponents', style: 'v2', sitemapLocation: 'sitemap.json' }
    : { animation: false }

export default defineAppConfig({
  ...own,
  pages: process.env.TARO_ENV === 'h5' ? [...pages, ...h5Pages] : pages,
  window: {
    navigationBarTitleText: '付款',
    navigationBarBackgroundColor: process.env.TARO_ENV === 'weapp' ? '@paper' : '#f5f4f1',
    navigationBarTextStyle: (process.env.TARO_ENV === 'weapp' ? '@navText' : 'black') as 'black',
    backgroundColor: process.env.TARO_ENV === 'weapp' ? '@paper' : '#f5f4f1',
  },
  darkmode: true,
  themeLocation: 'theme.json',
})

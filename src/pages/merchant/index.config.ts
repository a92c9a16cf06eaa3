/** In a browser components/pull.tsx does it. */
const pull =
  process.env.TARO_ENV === 'weapp' ? { enablePullDownRefresh: true, backgroundTextStyle: '@pull' as 'dark' } : {}

export default definePageConfig({ navigationBarTitleText: '收款记录', ...pull })

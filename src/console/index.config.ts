export default definePageConfig({ navigationBarTitleText: '发牌运营台' })

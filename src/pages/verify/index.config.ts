export default definePageConfig({ navigationBarTitleText: '验证牌组' })

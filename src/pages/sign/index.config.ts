export default definePageConfig({ navigationBarTitleText: '添加付款账户' })
